//! oneseat: the ledger of GitHub Enterprise licenses.
//!
//! The map of the house. Data goes one way: bytes → [`import`] (recognize, parse) → [`store`]
//! (history in SQLite) → [`people`] (who is one person, who takes a license) → [`ledger`] (an
//! instant with everybody in it) → [`report`] (answers) → [`render`] (table, JSON, CSV, …). A stage
//! is a folder, an instance of a stage a file in it.
//!
//! - L0, domain values that everything may use: [`error`], [`email`], [`mod@name`], [`model`],
//!   [`table`]; and `beside`: two things at once, `temporary`: files that go with the process.
//! - L1, the stages, which do not know each other: [`import`], [`people`], [`store`], [`render`],
//!   [`demo`] (files of the real formats about a made-up enterprise), [`config`] (what the
//!   configuration file says), [`remote`] (GitHub's answers, asked for over HTTP, become files).
//! - L2, what brings stages together: [`intake`] (a file, or what `remote` got, becomes a
//!   snapshot), [`ledger`] (what is there at an instant, as known on a day).
//! - L3, the questions: [`report`] (a question becomes an answer).
//! - L4, the command line: [`command`].
//!
//! `tests/it/tidy.rs` holds these layers.

mod beside;
pub mod command;
pub mod config;
pub mod demo;
pub mod email;
pub mod error;
pub mod import;
pub mod intake;
pub mod ledger;
pub mod model;
pub mod name;
pub mod people;
pub mod remote;
pub mod render;
pub mod report;
pub mod store;
pub mod table;
mod temporary;

pub use command::{COMMANDS, Machine, ThisMachine, World, run};
pub use temporary::interrupted;
