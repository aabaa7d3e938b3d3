//! GitHub's own answers, asked for over HTTP: from a question to a whole file on disk, or nothing.
//!
//! `client` asks one thing and is patient with limits and faults (`limits` decides, `refusal` says
//! what a refusal means, `transport` is the only file that knows the HTTP library); `walk` follows
//! the pages of one answer and notices a list that moves (`look` knows what is in a page); `spool`
//! keeps what has come, so that an interrupted fetch goes on; `cloud`, `server_accounts` and
//! `server` know the addresses. `token` keeps the secret, which `token_command` may ask for, and
//! `secret` finds it in the texts of others.
//!
//! Nothing here reads the content further than it must, or knows of a database: what comes is a
//! file for the readers of `import`, as if somebody had downloaded it.

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
mod transport;
mod walk;

pub use address::{Base, path_part};
pub use client::{Client, Failure, Settings, Talk};
pub use clock::Clock;
pub use cloud::{CLOUD_ANSWERS, CloudAnswer};
pub use server::{SERVER_ANSWERS, ServerAnswer};
pub use server_accounts::{Installation, installations};
pub use spool::Spools;
pub use token::{Token, Tokens, environment_name};
pub use transport::{Transport, check_ca_file};
pub use walk::Answered;
