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
pub const TABLES: [PublicTable; 19] = [
    PublicTable {
        name: "sources",
        row: "a Cloud enterprise, a Server instance, …",
        columns: &[
            ("kind", "text", "cloud, server, server-as-synced, server-info, visual-studio, …"),
            ("name", "text", "the enterprise's short name, or the instance's host name"),
            ("enterprise", "text", "the enterprise that is set for an instance"),
            ("billing_model", "text", "of an enterprise: volume, metered or emu"),
            ("retired", "integer", "1: it takes no part any more"),
            ("snapshots", "integer", "how many there are"),
            ("first_taken_at", "text", "when the first of them was taken"),
            ("last_taken_at", "text", "when the last of them was taken"),
        ],
        filled: false,
        order: "kind, name",
    },
    PublicTable {
        name: "snapshots",
        row: "an imported snapshot",
        columns: &[
            ("id", "integer", "its number"),
            ("source_kind", "text", "as in sources"),
            ("source", "text", "the name of its source"),
            ("taken_at", "text", "when it was taken"),
            ("imported_at", "text", "when it was imported"),
            ("format", "text", "the format it was read as"),
            ("file", "text", "the file's name"),
            ("sha256", "text", "of the bytes as received"),
            ("rows", "integer", "records in the file"),
            ("accounts", "integer", "distinct accounts in it"),
            ("reported_consumed", "integer", "what the file says is consumed"),
            ("reported_purchased", "integer", "what the file says is purchased"),
            ("complete", "integer", "0: it is short; null: it states no total"),
            ("partial", "integer", "1: stored, but it never counts"),
            ("accepted_short", "text", "why it was accepted although it is short"),
            ("voided_at", "text", "when it was voided"),
            ("void_reason", "text", "why it was voided"),
            ("in_force", "integer", "1: the accounts are from it"),
            ("content_hash", "text", "the hash over its records"),
        ],
        filled: false,
        order: "taken_at, id",
    },
    PublicTable {
        name: "accounts",
        row: "an account in a snapshot in force",
        columns: &[
            ("source_kind", "text", "as in sources"),
            ("source", "text", "the enterprise or the instance"),
            (
                "account",
                "text",
                "its key in every table and snapshot, beside source_kind and source",
            ),
            ("kind", "text", "cloud, server, server_only, visual_studio_only or invited"),
            ("login", "text", "its login; the address of an invitation"),
            ("id", "text", "its id on the instance"),
            ("name", "text", "its display name"),
            ("license_type", "text", "of a Cloud row, as GitHub says it"),
            ("enterprise_roles", "text", "of a Cloud row, separated by `; `"),
            ("cost_center", "text", "of a Cloud row, where the report has it"),
            ("suspended", "integer", "1: suspended; null: the file cannot say"),
            ("dormant", "integer", "1: dormant; null: the file does not say"),
            ("last_active", "text", "as the file says it"),
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
            ("source_kind", "text", "as in sources"),
            ("source", "text", "the enterprise or the instance"),
            (
                "account",
                "text",
                "its key in every table and snapshot, beside source_kind and source",
            ),
            ("kind", "text", "cloud, server, server_only, visual_studio_only or invited"),
            ("login", "text", "its login; the address of an invitation"),
            ("id", "text", "its id on the instance"),
            ("name", "text", "its display name"),
            ("license_type", "text", "of a Cloud row, as GitHub says it"),
            ("enterprise_roles", "text", "of a Cloud row, separated by `; `"),
            ("cost_center", "text", "of a Cloud row, where the report has it"),
            ("suspended", "integer", "1: suspended; null: the file cannot say"),
            ("dormant", "integer", "1: dormant; null: the file does not say"),
            ("last_active", "text", "as the file says it"),
            ("valid_from", "text", "the first snapshot that says so"),
            ("valid_to", "text", "the first one after it that no longer does; null: it holds"),
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
            ("source_kind", "text", "as in sources"),
            ("source", "text", "the enterprise or the instance"),
            ("account", "text", "as in accounts"),
            ("login", "text", "the account's login"),
            ("id", "text", "the account's id on the instance"),
            (
                "kind",
                "text",
                "primary, secondary, saml_name_id, verified, server, visual_studio or invitation",
            ),
            ("address", "text", "as received"),
            ("key", "text", "as addresses are compared"),
        ],
        filled: false,
        order: "source_kind, source, account, kind, key",
    },
    PublicTable {
        name: "memberships",
        row: "an organization membership of an account in force",
        columns: &[
            ("source_kind", "text", "as in sources"),
            ("source", "text", "the enterprise"),
            ("account", "text", "as in accounts"),
            ("login", "text", "the account's login"),
            ("organization", "text", "the organization"),
            ("repository", "text", "of an outside collaborator"),
            ("role", "text", "Owner, Member, …"),
        ],
        filled: false,
        order: "source, account, organization, repository, role",
    },
    PublicTable {
        name: "fields",
        row: "a field of what the file said about an account in force",
        columns: &[
            ("source_kind", "text", "as in sources"),
            ("source", "text", "the enterprise or the instance"),
            ("account", "text", "as in accounts"),
            ("login", "text", "the account's login"),
            ("id", "text", "the account's id on the instance"),
            ("field", "text", "the column or key of the file, unknown ones too"),
            ("value", "text", "as received; lists as JSON"),
        ],
        filled: false,
        order: "source_kind, source, account, field",
    },
    PublicTable {
        name: "cost_centers",
        row: "what a cost center contains; one that contains nothing has a row, too",
        columns: &[
            ("source", "text", "the enterprise"),
            ("id", "text", "the cost center's id"),
            ("name", "text", "its name; of two with one name at most one is active"),
            ("state", "text", "active, or deleted: what is archived counts no more"),
            ("type", "text", "User, Team, EnterpriseTeam, Org, Repo, …, as the answer says it"),
            ("resource", "text", "its login, slug or name"),
            ("azure_subscription", "text", "where the cost center is billed, if that is stated"),
            ("taken_at", "text", "when the snapshot was taken that says so"),
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
            ("subscription_id", "text", "its id; null: the list does not say it"),
            ("email", "text", "the sign-in address of the subscriber; null: nobody"),
            ("key", "text", "the address as addresses are compared"),
            ("name", "text", "the name of the subscriber"),
            ("username", "text", "the account that GitHub has matched"),
            ("manual_match", "integer", "1: matched by hand"),
            ("level", "text", "as the list says it"),
            ("status", "text", "as the list says it"),
            ("assigned", "text", "when it was assigned, as the list says it"),
            ("activated", "text", "when it was activated, as the list says it"),
            ("expires", "text", "when it expires; null: not stated, or it cannot be told"),
            ("counted", "integer", "1: somebody has it, and it brings a GitHub license"),
            ("taken_at", "text", "when the list was taken"),
            ("snapshot", "integer", "the number of the snapshot"),
        ],
        filled: false,
        order: "source, key, subscription_id, level",
    },
    PublicTable {
        name: "sync_statuses",
        row: "the last license sync of an instance, as Cloud says it",
        columns: &[
            ("source", "text", "the enterprise"),
            ("host", "text", "the instance"),
            ("server_id", "text", "the instance's id in Cloud"),
            (
                "date",
                "text",
                "when it was synced, as the answer says it; null: never, or not stated",
            ),
            ("synced_at", "text", "the same instant; null: the date cannot be read"),
            ("status", "text", "success, or what the answer says"),
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
            ("value", "text", "as received; lists and objects as JSON"),
            ("taken_at", "text", "when the snapshot was taken that says so"),
            ("snapshot", "integer", "the number of the snapshot"),
        ],
        filled: false,
        order: "source, source_kind, field",
    },
    PublicTable {
        name: "listed",
        row: "a Server account that a Cloud row in force lists; read without this program, it is the \
              view listed_accounts",
        columns: &[
            ("source", "text", "the enterprise"),
            ("account", "text", "as in accounts: the Cloud row"),
            ("host", "text", "the instance, as the row names it; null: a bare id"),
            ("id", "text", "the account's id there"),
        ],
        filled: false,
        order: "source, account, host, id",
    },
    PublicTable {
        name: "links",
        row: "a declared link that holds; read without this program, it is the view declared_links",
        columns: &[
            ("id", "integer", "its number"),
            ("says", "text", "one-person, matched-by-github, apart or not-matched-by-github"),
            ("a_source_kind", "text", "cloud or server"),
            ("a_source", "text", "the enterprise or the instance of one account"),
            ("a_account", "text", "as in accounts"),
            ("b_source_kind", "text", "cloud or server"),
            ("b_source", "text", "the enterprise or the instance of the other account"),
            ("b_account", "text", "as in accounts"),
            ("reason", "text", "the reason that was declared"),
            ("valid_from", "text", "from when on it holds; null: always"),
            ("declared_at", "text", "when it was declared"),
        ],
        filled: false,
        order: "id",
    },
    PublicTable {
        name: "journal",
        row: "a writing command; read without this program, it is the view journal_lines",
        columns: &[
            ("line", "integer", "its number"),
            ("at", "text", "when it was given"),
            ("command", "text", "import, void, restore, declare, link or question"),
            ("source_kind", "text", "as in sources, where it is about a source"),
            ("source", "text", "the name of the source"),
            ("snapshot", "integer", "the number of the snapshot, where it is about one"),
            ("hash", "text", "the hash that chains the line to the one before"),
            ("user", "text", "the operating system's user; null: not known"),
        ],
        filled: false,
        order: "line",
    },
    PublicTable {
        name: "seats",
        row: "a license taken at the instant asked",
        columns: &[
            ("seat_id", "text", "cloud:ENTERPRISE:LOGIN, or server:HOST:ID of the first account"),
            ("kind", "text", "cloud_only, cloud_and_server or server_only"),
            ("login", "text", "the Cloud login; of a Server-only seat the first account's"),
            ("name", "text", "the display name"),
            ("enterprise", "text", "the enterprise it is counted in"),
            ("host", "text", "of a Server-only seat: the first account's instance"),
            ("id", "text", "of a Server-only seat: the first account's id"),
            ("email", "text", "the first address of the account"),
            ("license_type", "text", "of a Cloud seat, as GitHub says it"),
            ("enterprise_roles", "text", "of a Cloud seat, separated by `; `"),
            ("organizations", "integer", "the number of organizations of the Cloud account"),
            ("server_accounts", "integer", "how many Server accounts it covers"),
        ],
        filled: true,
        order: "seat_id",
    },
    PublicTable {
        name: "seat_accounts",
        row: "an account of a seat, with the rule that matched it",
        columns: &[
            ("seat_id", "text", "as in seats"),
            ("source_kind", "text", "the kind of the source that states the account"),
            ("source", "text", "the enterprise or the instance"),
            ("account", "text", "as in accounts"),
            ("login", "text", "its login"),
            ("host", "text", "of a Server account: its instance"),
            ("id", "text", "of a Server account: its id there"),
            (
                "rule",
                "text",
                "manual, saml_name_id, verified_email or reported; null: the seat's own",
            ),
        ],
        filled: true,
        order: "seat_id, host, id",
    },
    PublicTable {
        name: "seat_history",
        row: "a seat over time: as long as nothing of it changes, one row",
        columns: &[
            ("seat_id", "text", "as in seats"),
            ("kind", "text", "as in seats"),
            ("login", "text", "as in seats"),
            ("name", "text", "as in seats"),
            ("enterprise", "text", "as in seats"),
            ("host", "text", "as in seats"),
            ("id", "text", "as in seats"),
            ("email", "text", "as in seats"),
            ("license_type", "text", "as in seats"),
            ("enterprise_roles", "text", "as in seats"),
            ("organizations", "integer", "as in seats"),
            ("server_accounts", "integer", "as in seats"),
            ("valid_from", "text", "from when on it holds"),
            ("valid_to", "text", "from when on it no longer holds; null: it holds"),
        ],
        filled: true,
        order: "seat_id, valid_from",
    },
    PublicTable {
        name: "duplicates",
        row: "a person who would take two licenses, as `oneseat duplicates` says",
        columns: &[
            ("confidence", "text", "certain, likely or possible"),
            ("server_accounts", "text", "host, id, login and primary address of each"),
            ("cloud_account_login", "text", "the Cloud account, if there is one"),
            ("cloud_account_name", "text", "and its display name"),
            ("other_server_accounts", "text", "the Server accounts of the other seat, if any"),
            ("invitation", "text", "the address invited"),
            ("candidates", "text", "where there are several"),
            ("candidates_total", "integer", "how many there are"),
            ("evidence", "text", "codes and what they rest on"),
            ("nearest_miss", "text", "which address would have had to equal which"),
            ("fix_actor", "text", "who can fix it"),
            ("fix_action", "text", "and how"),
            ("since", "text", "since when it has been so"),
        ],
        filled: true,
        order: "confidence, server_accounts",
    },
    PublicTable {
        name: "trend",
        row: "consumption at a snapshot, as `oneseat trend` says",
        columns: &[
            ("at", "text", "the instant"),
            ("consumed", "integer", "licenses consumed"),
            ("purchased", "integer", "licenses purchased"),
            ("reported", "integer", "what GitHub reported"),
            ("cloud_only", "integer", "Cloud seats without a Server account"),
            ("cloud_and_server", "integer", "Cloud seats with one"),
            ("server_only", "integer", "people on Server who match no Cloud account"),
            ("peak_at", "text", "the same at the end of a round of files, else null"),
            ("peak_consumed", "integer", "and the value then"),
            ("sources_missing", "text", "sources that were not there yet"),
            ("sources_new", "text", "sources whose first snapshot it is"),
            ("snapshots", "integer", "how many snapshots were taken then"),
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
                "`oneseat query \"SELECT … FROM accounts\"` asks, `oneseat export TABLE` gives all of one."
                    .to_owned(),
            ],
        }
    }
}
