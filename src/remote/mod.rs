//! Fetches answers from GitHub over HTTP: each one becomes a complete file on disk, or nothing.
//!
//! `client` sends one request and retries after limits and faults. `limits` decides how long to wait, `refusal`
//! explains a refusal, and `names` resolves host names. Only `transport` and `names` know the HTTP library.
//! `walk` follows the pages of one answer and notices a list that changes meanwhile; `look` reads what is
//! needed for that from a page. `spool` keeps the pages that have come, so that an interrupted fetch can be
//! resumed. `cloud`, `server_accounts` and `server` know the addresses. `token` holds the secret, which
//! `tokens` finds and `token_command` may provide, and `secret` finds it in other texts.
//!
//! Nothing here reads the content further than it must, and nothing knows of a database. An answer is a file
//! for the readers of `import`, as if somebody had downloaded it.

mod address;
mod client;
mod clock;
mod cloud;
mod limits;
mod look;
mod names;
mod refusal;
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
pub use server::{SERVER_ANSWERS, ServerAnswer};
pub use server_accounts::{Installation, installations};
pub use spool::Spools;
pub use token::Token;
pub use tokens::{Tokens, environment_name};
pub use transport::{Transport, check_ca_file};
pub use walk::Answered;
