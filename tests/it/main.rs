//! The one test binary: a file for each subject, all in a hermetic place of their own.

mod balance;
mod common;
mod counting_property;
mod examples;
mod formats;
mod histories;
mod known_on;
mod naive;
mod random_enterprise;
mod random_history;
mod readme;
mod spans;
mod tidy;
mod trends;
mod verify;
