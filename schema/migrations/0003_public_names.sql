-- The names sources, snapshots, accounts and memberships go to the public views (schema/views.sql),
-- which whoever opens the file without this program meets first; what is stored behind them is
-- named so. SQLite carries the new names into references, indexes and views.
-- Also: questions that the user saves.

ALTER TABLE sources RENAME TO stored_sources;
ALTER TABLE snapshots RENAME TO stored_snapshots;
ALTER TABLE accounts RENAME TO stored_accounts;
ALTER TABLE memberships RENAME TO stored_memberships;

-- Saved questions. Nothing is taken back: of the lines of a name the newest counts, and one
-- without a statement says that the question was removed.
CREATE TABLE saved_questions (
  question_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL CHECK (name <> ''),
  statement TEXT,
  declared_at INTEGER NOT NULL
) STRICT;
