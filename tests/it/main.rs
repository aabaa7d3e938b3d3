//! The one test binary: a file for each subject, all in a hermetic place of their own.

mod common;
mod counting_property;
mod errors;
mod examples;
mod golden;
mod mangled;
mod naive;
mod random_enterprise;
mod several_instances;
mod tidy;
