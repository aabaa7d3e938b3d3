//! Fetches answers from GitHub over HTTP. Each answer becomes a complete file on disk, or nothing is left of
//! it.
//!
//! `client` sends one request, and retries after limits and faults. `limits` decides how long to wait,
//! `refusal` explains a refusal, and `names` resolves host names. Only `transport` and `names` use the HTTP
//! library. `walk` fetches the pages of one answer and notices a list that changes meanwhile; `look` finds the
//! values in a page that show such a change. `spool` stores the fetched pages until the answer is complete, so
//! that an interrupted fetch can be resumed. `cloud`, `server_accounts`, `server` and `scim` list the answers
//! and their URLs. `tokens` finds the token of a target, `token_command` runs a command that prints it, `token`
//! keeps it out of all output, and `secret` finds it in other texts.
//!
//! This folder reads the content of an answer only as far as necessary, and uses no database. An answer is a
//! file for the readers of `import`, as if somebody had downloaded it.

mod address;
mod client;
mod clock;
mod cloud;
mod limits;
mod look;
mod names;
mod refusal;
mod scim;
mod secret;
mod server;
mod server_accounts;
mod spool;
mod token;
mod token_command;
mod tokens;
mod transport;
mod walk;

pub use address::{Base, path_part};
pub use client::{Client, Failure, Settings, Talk};
pub use clock::Clock;
pub use cloud::{CLOUD_ANSWERS, CloudAnswer};
pub use scim::ScimUsers;
pub use server::{SERVER_ANSWERS, ServerAnswer};
pub use server_accounts::{Installation, installations};
pub use spool::Spools;
pub use token::Token;
pub use tokens::{Tokens, environment_name};
pub use transport::{Transport, check_ca_file};
pub use walk::Answered;
