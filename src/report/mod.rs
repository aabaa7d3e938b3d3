//! Questions: each file here asks the store, lets `people` decide, and gives an answer that
//! serialises to its JSON (interface.md section 3) and shows itself as a page.
//!
//! No clock, no files, no terminal: the same database and question give the same bytes.

mod absent;
mod assign;
mod backup;
mod books;
mod certificate;
mod check;
mod configured;
mod consumption;
mod crosswalk;
mod declared;
mod diff;
mod doctor;
mod duplicates;
mod explain;
mod formats;
mod instance;
mod link_list;
mod links;
mod moment;
mod money;
mod near;
mod parts;
mod query;
mod questions;
mod reclaim;
mod reconcile;
mod recount;
mod rehearse;
mod seat;
mod seat_tables;
mod seats;
mod server_license;
mod stored;
mod sweep;
mod tables;
mod texts;
mod trend;
mod verify;
mod who;

pub use backup::Backup;
pub use books::{Snapshots, Sources, snapshots, sources};
pub use check::{Bounds, Check, check};
pub use configured::{ConfigAnswer, ConfigPlace};
pub use consumption::{Consumption, consumption};
pub use crosswalk::{Crosswalk, crosswalk};
pub use diff::{Diff, DiffAsked, diff};
pub use doctor::{Doctor, Surroundings, doctor};
pub use duplicates::{Duplicates, FixList, duplicates};
pub use explain::{Explain, explain};
pub use formats::{FieldsSeen, Formats, fields_seen, formats};
pub use link_list::{LinkList, links, pair};
pub use moment::{AsOf, Asked, Ledger};
pub use money::{Money, Price};
pub use query::{check_statement, query};
pub use questions::{Questions, questions};
pub use reclaim::{Reclaim, reclaim};
pub use reconcile::{Reconcile, reconcile};
pub use recount::{Recount, recount};
pub use rehearse::{Rehearse, rehearse};
pub use seats::{Seats, SeatsAsked, SplitBy, seats};
pub use tables::{PublicTable, TABLES, Tables, table_named, tables};
pub use trend::{By, Trend, TrendAsked, trend};
pub use verify::{Verify, verify};
