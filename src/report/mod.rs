//! Builds the answers of the commands. Each file of this folder reads the data from the module `ledger`, lets
//! the module `people` match accounts and count seats, and builds an answer. An answer is serialized as JSON
//! (interface.md section 3) or laid out as a page for people.
//!
//! No file of this folder reads a clock or writes to a terminal, and only `doctor` reads the file system. The
//! same question to the same database therefore always gives the same bytes.

mod absent;
mod across;
mod activity;
mod backup;
mod basis;
mod books;
mod certificate;
mod check;
mod clock;
mod concerned;
mod configured;
mod consumption;
mod crosswalk;
mod diff;
mod doctor;
mod duplicates;
mod explain;
mod formats;
mod journal;
mod leavers;
mod link_list;
mod money;
mod page;
mod period;
mod query;
mod questions;
mod reclaim;
mod reconcile;
mod recount;
mod rehearse;
mod restore;
mod said;
mod said_of_day;
mod seat;
mod seat_history;
mod seat_tables;
mod seats;
mod server_license;
mod tables;
mod trend;
mod verify;
mod who;

pub use across::{Across, AcrossAsked, across};
pub use backup::Backup;
pub use basis::{Basis, Billing};
pub use books::{Snapshots, Sources, snapshots, sources, sources_retired};
pub use check::{Bounds, Check, check};
pub use clock::slow_clock;
pub use configured::{ConfigAnswer, ConfigPlace};
pub use consumption::{Consumption, consumption};
pub use crosswalk::{Crosswalk, crosswalk};
pub use diff::{Diff, DiffAsked, DiffSummary, diff};
pub use doctor::{Doctor, Surroundings, doctor};
pub use duplicates::{Duplicates, FixList, Lists, ListsAbout, duplicates, is_list_name};
pub use explain::{Explain, explain};
pub use formats::{FieldsSeen, Formats, fields_seen, formats};
pub use journal::{Journal, journal};
pub use leavers::{Leavers, leavers};
pub use link_list::{LinkList, links, pair};
pub use money::{Money, Price};
pub use page::{PageAnswer, PageAsked, PeopleShown, page};
pub use period::By;
pub use query::{check_statement, not_narrowed, query};
pub use questions::{Questions, questions};
pub use reclaim::{Reclaim, reclaim};
pub use reconcile::{Reconcile, reconcile};
pub use recount::{Recount, recount};
pub use rehearse::{Rehearse, rehearse};
pub use restore::Restore;
pub use said::{FileStatements, said_beside};
pub use said_of_day::{said_of, said_of_day};
pub use seats::{Seats, SeatsAsked, SplitBy, seats};
pub use tables::{PublicTable, TABLES, Tables, table_named, tables};
pub use trend::{Trend, TrendAsked, trend};
pub use verify::{Verify, verify};
