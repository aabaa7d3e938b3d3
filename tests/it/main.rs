//! The one test binary: a file for each subject, all in a hermetic place of their own.

mod common;
mod counting_property;
mod examples;
mod histories;
mod naive;
mod random_enterprise;
mod random_history;
mod spans;
mod tidy;
