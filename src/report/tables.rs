//! `oneseat tables`: the public tables, with a line on each column (interface.md section 4). Some tables are
//! views in the database (`schema/views.sql`). The others are filled when a statement names them. A test
//! compares this list with the database.

use serde::Serialize;

use crate::error::Result;
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, Table};

/// A table that a statement can name.
pub struct PublicTable {
    /// The name of the table.
    pub name: &'static str,
    /// What a row of the table stands for.
    pub row: &'static str,
    /// The columns of the table. Each has a name, a type and a meaning.
    pub columns: &'static [(&'static str, &'static str, &'static str)],
    /// Is the table filled when a statement names it? Otherwise it is a view in the database.
    pub filled: bool,
    /// The columns by which an export of the table is sorted, so that it does not reveal the order of
    /// imports.
    pub order: &'static str,
}

/// All public tables.
pub const TABLES: [PublicTable; 20] = [
    PublicTable {
        name: "sources",
        row: "a Cloud enterprise, a Server instance, an employee directory, …",
        columns: &[
            ("kind", "text", "cloud, server, server-as-synced, visual-studio, directory, …"),
            (
                "name",
                "text",
                "the enterprise's short name, the instance's host, the directory's name",
            ),
            ("enterprise", "text", "the enterprise that is set for an instance"),
            ("billing_model", "text", "of an enterprise: volume, metered or emu"),
            ("retired", "integer", "1: the source takes no part any more"),
            ("snapshots", "integer", "the number of snapshots of the source"),
            ("first_taken_at", "text", "when the first snapshot of the source was taken"),
            ("last_taken_at", "text", "when the last snapshot of the source was taken"),
        ],
        filled: false,
        order: "kind, name",
    },
    PublicTable {
        name: "snapshots",
        row: "an imported snapshot",
        columns: &[
            ("id", "integer", "the number of the snapshot"),
            ("source_kind", "text", "the kind of the source, as in the table sources"),
            ("source", "text", "the name of its source"),
            ("taken_at", "text", "when the snapshot was taken"),
            ("imported_at", "text", "when the snapshot was imported"),
            ("format", "text", "the format it was read as"),
            ("file", "text", "the file's name"),
            ("sha256", "text", "the SHA-256 of the bytes as received"),
            ("rows", "integer", "the number of records in the file"),
            ("accounts", "integer", "the number of distinct accounts, or entries, in the file"),
            ("reported_consumed", "integer", "the licenses consumed, as the file states them"),
            ("reported_purchased", "integer", "the licenses purchased, as the file states them"),
            ("complete", "integer", "0: the file is short; null: the file states no total"),
            ("partial", "integer", "1: the snapshot is stored, but never counts"),
            ("accepted_short", "text", "why the snapshot was accepted although it is short"),
            ("voided_at", "text", "when the snapshot was voided"),
            ("void_reason", "text", "why the snapshot was voided"),
            (
                "in_force",
                "integer",
                "1: the accounts are those of this snapshot; a directory has none",
            ),
            ("content_hash", "text", "the hash over the records of the snapshot"),
        ],
        filled: false,
        order: "taken_at, id",
    },
    PublicTable {
        name: "accounts",
        row: "an account in a snapshot in force",
        columns: &[
            ("source_kind", "text", "the kind of the source, as in the table sources"),
            ("source", "text", "the enterprise or the instance"),
            (
                "account",
                "text",
                "the key of the account in every table and snapshot, beside source_kind and source",
            ),
            ("kind", "text", "cloud, server, server_only, visual_studio_only or invited"),
            ("login", "text", "the login; of an invitation, the address"),
            ("id", "text", "the id on the instance"),
            ("name", "text", "the display name"),
            ("license_type", "text", "the license type of a Cloud row, as GitHub states it"),
            ("enterprise_roles", "text", "the enterprise roles of a Cloud row, separated by `; `"),
            ("cost_center", "text", "the cost center of a Cloud row, where the report states it"),
            ("suspended", "integer", "1: suspended; null: the file cannot state it"),
            ("dormant", "integer", "1: dormant; null: the file does not state it"),
            ("last_active", "text", "the last activity, as the file states it"),
            ("counted", "integer", "1: the row takes a seat, or the Server account takes part"),
            ("taken_at", "text", "when its snapshot was taken"),
            ("snapshot", "integer", "the number of the snapshot"),
        ],
        filled: false,
        order: "source_kind, source, account",
    },
    PublicTable {
        name: "account_history",
        row: "a state of an account, with the time span in which it held",
        columns: &[
            ("source_kind", "text", "the kind of the source, as in the table sources"),
            ("source", "text", "the enterprise or the instance"),
            (
                "account",
                "text",
                "the key of the account in every table and snapshot, beside source_kind and source",
            ),
            ("kind", "text", "cloud, server, server_only, visual_studio_only or invited"),
            ("login", "text", "the login; of an invitation, the address"),
            ("id", "text", "the id on the instance"),
            ("name", "text", "the display name"),
            ("license_type", "text", "the license type of a Cloud row, as GitHub states it"),
            ("enterprise_roles", "text", "the enterprise roles of a Cloud row, separated by `; `"),
            ("cost_center", "text", "the cost center of a Cloud row, where the report states it"),
            ("suspended", "integer", "1: suspended; null: the file cannot state it"),
            ("dormant", "integer", "1: dormant; null: the file does not state it"),
            ("last_active", "text", "the last activity, as the file states it"),
            ("valid_from", "text", "when the first snapshot with this state was taken"),
            (
                "valid_to",
                "text",
                "when the first later snapshot without this state was taken; null: it still holds",
            ),
            ("first_snapshot", "integer", "the number of the snapshot of valid_from"),
            ("end_snapshot", "integer", "the number of the snapshot of valid_to"),
        ],
        filled: false,
        order: "source_kind, source, account, valid_from",
    },
    PublicTable {
        name: "emails",
        row: "an address of an account in force",
        columns: &[
            ("source_kind", "text", "the kind of the source, as in the table sources"),
            ("source", "text", "the enterprise or the instance"),
            ("account", "text", "the account, as in the table accounts"),
            ("login", "text", "the account's login"),
            ("id", "text", "the account's id on the instance"),
            (
                "kind",
                "text",
                "primary, secondary, saml_name_id, verified, server, visual_studio or invitation",
            ),
            ("address", "text", "the address as received"),
            ("key", "text", "the address in the form in which addresses are compared"),
        ],
        filled: false,
        order: "source_kind, source, account, kind, key",
    },
    PublicTable {
        name: "memberships",
        row: "an organization membership of an account in force",
        columns: &[
            ("source_kind", "text", "the kind of the source, as in the table sources"),
            ("source", "text", "the enterprise"),
            ("account", "text", "the account, as in the table accounts"),
            ("login", "text", "the account's login"),
            ("organization", "text", "the organization"),
            ("repository", "text", "the repository of an outside collaborator"),
            ("role", "text", "the role in the organization: Owner, Member, …"),
        ],
        filled: false,
        order: "source, account, organization, repository, role",
    },
    PublicTable {
        name: "fields",
        row: "a field of the record of an account in force",
        columns: &[
            ("source_kind", "text", "the kind of the source, as in the table sources"),
            ("source", "text", "the enterprise or the instance"),
            ("account", "text", "the account, as in the table accounts"),
            ("login", "text", "the account's login"),
            ("id", "text", "the account's id on the instance"),
            ("field", "text", "the column or key of the file, unknown ones too"),
            ("value", "text", "the value as received; lists as JSON"),
        ],
        filled: false,
        order: "source_kind, source, account, field",
    },
    PublicTable {
        name: "cost_centers",
        row: "a resource of a cost center; a cost center without resources has a row, too",
        columns: &[
            ("source", "text", "the enterprise"),
            ("id", "text", "the cost center's id"),
            ("name", "text", "the name; of two cost centers with one name at most one is active"),
            ("state", "text", "active, or deleted: an archived cost center no longer counts"),
            ("type", "text", "User, Team, EnterpriseTeam, Org, Repo, …, as the answer states it"),
            ("resource", "text", "the login, slug or name of the resource"),
            ("azure_subscription", "text", "where the cost center is billed, if that is stated"),
            ("taken_at", "text", "when the snapshot that states this was taken"),
            ("snapshot", "integer", "the number of the snapshot"),
        ],
        filled: false,
        order: "source, name, id, type, resource",
    },
    PublicTable {
        name: "visual_studio_subscriptions",
        row: "a Visual Studio subscription, of the newest list of each enterprise",
        columns: &[
            ("source", "text", "the enterprise"),
            (
                "subscription_id",
                "text",
                "the id of the subscription; null: the list does not state it",
            ),
            ("email", "text", "the sign-in address of the subscriber; null: assigned to nobody"),
            ("key", "text", "the address in the form in which addresses are compared"),
            ("name", "text", "the name of the subscriber"),
            ("username", "text", "the account that GitHub has matched"),
            ("manual_match", "integer", "1: matched by hand"),
            ("level", "text", "the level, as the list states it"),
            ("status", "text", "the status, as the list states it"),
            ("assigned", "text", "when the subscription was assigned, as the list states it"),
            ("activated", "text", "when the subscription was activated, as the list states it"),
            ("expires", "text", "when the subscription expires; null: not stated, or not readable"),
            (
                "counted",
                "integer",
                "1: the subscription is assigned, and includes a GitHub license",
            ),
            ("taken_at", "text", "when the list was taken"),
            ("snapshot", "integer", "the number of the snapshot"),
        ],
        filled: false,
        order: "source, key, subscription_id, level",
    },
    PublicTable {
        name: "sync_statuses",
        row: "the last license sync of an instance, as Cloud states it",
        columns: &[
            ("source", "text", "the enterprise"),
            ("host", "text", "the instance"),
            ("server_id", "text", "the instance's id in Cloud"),
            (
                "date",
                "text",
                "the time of the sync, as the answer states it; null: never, or not stated",
            ),
            (
                "synced_at",
                "text",
                "the time of the sync as an instant; null: the date cannot be read",
            ),
            ("status", "text", "success, or another status that the answer states"),
            ("error", "text", "what went wrong"),
            ("taken_at", "text", "when the answer was taken"),
            ("snapshot", "integer", "the number of the snapshot"),
        ],
        filled: false,
        order: "source, host",
    },
    PublicTable {
        name: "instance_facts",
        row: "a fact that an instance states of itself or of its license",
        columns: &[
            ("source_kind", "text", "server-license, server-info, server or server-as-synced"),
            ("source", "text", "the instance"),
            ("field", "text", "the key of the file, unknown ones too"),
            ("value", "text", "the value as received; lists and objects as JSON"),
            ("taken_at", "text", "when the snapshot that states this was taken"),
            ("snapshot", "integer", "the number of the snapshot"),
        ],
        filled: false,
        order: "source, source_kind, field",
    },
    PublicTable {
        name: "directory_entries",
        row: "an entry of an employee directory in force; entries are no accounts",
        columns: &[
            ("source", "text", "the directory"),
            ("id", "text", "the id in the directory; null: only its digest is stored"),
            ("active", "integer", "1: active; 0: inactive; null: the directory does not state it"),
            (
                "left_on",
                "text",
                "when the person left or will leave: as stated, else as in expires; null: not stated",
            ),
            ("expires", "text", "when the account at the directory expires; null: not stated"),
            ("manager", "text", "the manager; null: not stated, or only its digest is stored"),
            ("unit", "text", "the department or cost center; null: as in manager"),
            ("name", "text", "the display name; null: as in manager"),
            ("taken_at", "text", "when the snapshot of the directory was taken"),
            ("snapshot", "integer", "the number of the snapshot"),
        ],
        filled: false,
        order: "source, id, taken_at, active, left_on",
    },
    PublicTable {
        name: "listed",
        row: "a Server account that a Cloud row in force lists; read without this program, it is the \
              view listed_accounts",
        columns: &[
            ("source", "text", "the enterprise"),
            ("account", "text", "the Cloud row, as in the table accounts"),
            ("host", "text", "the instance, as the row names it; null: a bare id"),
            ("id", "text", "the account's id on the instance"),
        ],
        filled: false,
        order: "source, account, host, id",
    },
    PublicTable {
        name: "links",
        row: "a declared link that holds; read without this program, it is the view declared_links",
        columns: &[
            ("id", "integer", "the number of the link"),
            ("says", "text", "one-person, matched-by-github, apart or not-matched-by-github"),
            ("a_source_kind", "text", "cloud or server"),
            ("a_source", "text", "the enterprise or the instance of one account"),
            ("a_account", "text", "the account, as in the table accounts"),
            ("b_source_kind", "text", "cloud or server"),
            ("b_source", "text", "the enterprise or the instance of the other account"),
            ("b_account", "text", "the account, as in the table accounts"),
            ("reason", "text", "the reason that was declared"),
            ("valid_from", "text", "the instant from which the link holds; null: always"),
            ("declared_at", "text", "when the link was declared"),
        ],
        filled: false,
        order: "id",
    },
    PublicTable {
        name: "journal",
        row: "a writing command; read without this program, it is the view journal_lines",
        columns: &[
            ("line", "integer", "the number of the line"),
            ("at", "text", "when the command ran"),
            ("command", "text", "import, void, restore, declare, link, question, make-key or fill"),
            ("source_kind", "text", "the kind of the source, where the line is about one"),
            ("source", "text", "the name of the source"),
            ("snapshot", "integer", "the number of the snapshot, where the line is about one"),
            ("hash", "text", "the hash that chains the line to the one before"),
            ("user", "text", "the operating system's user; null: not known"),
        ],
        filled: false,
        order: "line",
    },
    PublicTable {
        name: "seats",
        row: "a license taken at the as-of instant",
        columns: &[
            ("seat_id", "text", "cloud:ENTERPRISE:LOGIN, or server:HOST:ID of the first account"),
            ("kind", "text", "cloud_only, cloud_and_server or server_only"),
            ("login", "text", "the Cloud login; of a Server-only seat the first account's"),
            ("name", "text", "the display name"),
            ("enterprise", "text", "the enterprise in which the seat is counted"),
            ("host", "text", "of a Server-only seat: the first account's instance"),
            ("id", "text", "of a Server-only seat: the first account's id"),
            ("email", "text", "the first address of the account"),
            ("license_type", "text", "the license type of a Cloud seat, as GitHub states it"),
            ("enterprise_roles", "text", "the enterprise roles of a Cloud seat, separated by `; `"),
            ("organizations", "integer", "the number of organizations of the Cloud account"),
            ("server_accounts", "integer", "the number of Server accounts of the seat"),
        ],
        filled: true,
        order: "seat_id",
    },
    PublicTable {
        name: "seat_accounts",
        row: "an account of a seat, with the rule that matched it",
        columns: &[
            ("seat_id", "text", "as in the table seats"),
            ("source_kind", "text", "the kind of the source that states the account"),
            ("source", "text", "the enterprise or the instance"),
            ("account", "text", "the account, as in the table accounts"),
            ("login", "text", "the account's login"),
            ("host", "text", "of a Server account: its instance"),
            ("id", "text", "of a Server account: its id on the instance"),
            (
                "rule",
                "text",
                "manual, saml_name_id, verified_email or reported; null: the seat is the account's own",
            ),
        ],
        filled: true,
        order: "seat_id, host, id",
    },
    PublicTable {
        name: "seat_history",
        row: "a seat over a span of time in which nothing about it changes",
        columns: &[
            ("seat_id", "text", "as in the table seats"),
            ("kind", "text", "as in the table seats"),
            ("login", "text", "as in the table seats"),
            ("name", "text", "as in the table seats"),
            ("enterprise", "text", "as in the table seats"),
            ("host", "text", "as in the table seats"),
            ("id", "text", "as in the table seats"),
            ("email", "text", "as in the table seats"),
            ("license_type", "text", "as in the table seats"),
            ("enterprise_roles", "text", "as in the table seats"),
            ("organizations", "integer", "as in the table seats"),
            ("server_accounts", "integer", "as in the table seats"),
            ("valid_from", "text", "the instant from which the row holds"),
            (
                "valid_to",
                "text",
                "the instant from which the row no longer holds; null: it still holds",
            ),
        ],
        filled: true,
        order: "seat_id, valid_from",
    },
    PublicTable {
        name: "duplicates",
        row: "a person who would take two licenses, as `oneseat duplicates` lists them",
        columns: &[
            ("confidence", "text", "certain, likely or possible"),
            ("server_accounts", "text", "host, id, login and primary address of each"),
            ("cloud_account_login", "text", "the Cloud account, if there is one"),
            ("cloud_account_name", "text", "the display name of the Cloud account"),
            ("other_server_accounts", "text", "the Server accounts of the other seat, if any"),
            ("invitation", "text", "the address invited"),
            ("candidates", "text", "the candidates, where there are several"),
            ("candidates_total", "integer", "the number of candidates"),
            ("evidence", "text", "the codes of the evidence, and what each rests on"),
            ("nearest_miss", "text", "which address would have had to equal which"),
            ("fix_actor", "text", "who can fix the finding"),
            ("fix_action", "text", "how the finding can be fixed"),
            ("since", "text", "since when the finding has existed"),
        ],
        filled: true,
        order: "confidence, server_accounts",
    },
    PublicTable {
        name: "trend",
        row: "the consumption at the instant of a snapshot, as `oneseat trend` prints it",
        columns: &[
            ("at", "text", "the instant"),
            ("consumed", "integer", "licenses consumed"),
            ("purchased", "integer", "licenses purchased"),
            ("reported", "integer", "what GitHub reported"),
            ("cloud_only", "integer", "Cloud seats without a Server account"),
            ("cloud_and_server", "integer", "Cloud seats with a Server account"),
            ("server_only", "integer", "people on Server who match no Cloud account"),
            ("peak_at", "text", "the instant, if a round of files ends at it; otherwise null"),
            ("peak_consumed", "integer", "the licenses consumed at peak_at"),
            ("sources_missing", "text", "sources that were not there yet"),
            ("sources_new", "text", "sources whose first snapshot was taken at the instant"),
            ("snapshots", "integer", "the number of snapshots that were taken at the instant"),
        ],
        filled: true,
        order: "at",
    },
];

/// The answer of `oneseat tables`.
#[derive(Debug, Clone, Serialize)]
pub struct Tables {
    schema: &'static str,
    items: Vec<Column>,
}

#[derive(Debug, Clone, Serialize)]
struct Column {
    table: &'static str,
    column: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    meaning: &'static str,
}

impl Column {
    const COLUMNS: Columns = &[
        ("table", CellKind::Text),
        ("column", CellKind::Text),
        ("type", CellKind::Text),
        ("meaning", CellKind::Text),
    ];
}

/// The columns of all public tables, or only those of the table `only`.
pub fn tables(only: Option<&'static PublicTable>) -> Tables {
    let shown = TABLES.iter().filter(|table| only.is_none_or(|only| only.name == table.name));
    let items = shown.flat_map(|table| {
        table.columns.iter().map(|(column, kind, meaning)| Column {
            table: table.name,
            column,
            kind,
            meaning,
        })
    });
    Tables { schema: "oneseat.tables/1", items: items.collect() }
}

/// The public table with this name, if there is one.
pub fn table_named(name: &str) -> Option<&'static PublicTable> {
    TABLES.iter().find(|table| table.name == name)
}

impl Answer for Tables {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = Column::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let mut tables = Vec::new();
        for table in &TABLES {
            let mut columns = Table::new(&["Column", "Type", ""]);
            for item in self.items.iter().filter(|item| item.table == table.name) {
                columns.rows.push(vec![item.column.into(), item.kind.into(), item.meaning.into()]);
            }
            if !columns.rows.is_empty() {
                tables.push(columns.titled(&format!("{}: {}", table.name, table.row)));
            }
        }
        Page {
            headline: "Tables for `oneseat query`".to_owned(),
            tables,
            closing: vec![
                "Instants are UTC. All but the last five are views in the file: sqlite3, Datasette \
                 and DuckDB read them too (journal, links and listed as journal_lines, \
                 declared_links and listed_accounts)."
                    .to_owned(),
                "`oneseat query \"SELECT … FROM accounts\"` asks a question; `oneseat export \
                 TABLE` prints a whole table."
                    .to_owned(),
            ],
        }
    }
}
