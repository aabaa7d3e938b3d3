//! oneseat: the ledger of GitHub Enterprise licenses.
//!
//! Data flows one way: bytes → [`import`] (recognize, parse) → [`store`] (history in SQLite) → [`people`] (who
//! is one person, who takes a license) → [`ledger`] (everybody at an instant) → [`report`] (answers) →
//! [`render`] (table, JSON, CSV, …). Each stage is a folder, and each variant of a stage is a file in that
//! folder.
//!
//! - L0, domain values that every other module may use: [`code`] (the codes that answers print), [`error`],
//!   [`email`], [`mod@name`], [`model`], [`pseudonym`], [`table`], [`warning`]. L0 also has `beside` (two computations in
//!   parallel), `private_file` (files for their owner only) and `temporary` (files that are removed when the
//!   process ends).
//! - L1, the stages, which do not use each other: [`import`], [`people`], [`store`], [`render`], [`demo`]
//!   (files in the real formats about a made-up enterprise), [`config`] (the configuration file), [`remote`]
//!   (fetches GitHub's answers over HTTP as files).
//! - L2, which combines the stages: [`intake`] (turns an imported or fetched file into a snapshot), [`ledger`]
//!   (the people, accounts and sources at an instant, as known on a day).
//! - L3, the questions: [`report`] (turns a question into an answer).
//! - L4, the command line: [`command`].
//!
//! The test `tests/it/tidy.rs` enforces these layers.

mod beside;
pub mod code;
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
mod private_file;
pub mod pseudonym;
pub mod remote;
pub mod render;
pub mod report;
pub mod store;
pub mod table;
mod temporary;
pub mod warning;

pub use command::{COMMANDS, Machine, ThisMachine, World, run};
pub use temporary::interrupted;
