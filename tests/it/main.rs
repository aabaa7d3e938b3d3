//! The one test binary: a file for each subject, each test in a hermetic folder of its own.

// A test may panic, and print what it saw.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used
)]
#![allow(missing_docs)]

mod across;
mod across_apart;
mod across_migration;
mod across_since;
mod across_twin;
mod across_words;
mod actions;
mod alike;
mod apart;
mod around;
mod asked_enterprise;
mod backups;
mod balance;
mod certificate;
mod checks;
mod circles;
mod clocks;
mod codes;
#[cfg(not(feature = "parquet"))]
mod columnar;
mod columns;
mod common;
mod counting_property;
mod cut_files;
mod damage;
mod databases;
mod directory_files;
mod directory_lists;
mod documents;
mod doubts;
mod errors;
mod examples;
mod explain;
mod facts;
mod fetching;
mod fix_lists;
mod fixes_property;
mod formats;
mod github;
mod golden;
mod growth;
mod harmful_values;
mod help;
mod hints;
mod histories;
mod hostile;
mod image;
mod in_force;
mod interrupted;
mod known_on;
mod leavers;
mod links;
mod malicious_files;
mod mangled;
mod moves;
mod naive;
mod naive_examples;
mod named_only;
mod neighbors;
mod no_data;
mod one_entry;
mod other_files;
mod other_names;
mod page;
mod plurals;
mod precision;
mod public_tables;
mod queries;
mod random_enterprise;
mod random_history;
mod readings;
mod readme;
mod reconcile_property;
mod rehearse_property;
mod repeated;
mod restores;
mod rests_on;
mod rewritten;
mod role_logins;
mod rows_and_widths;
mod scenarios;
mod schema;
mod several_instances;
mod since;
mod spans;
mod splits;
mod stored_counts;
mod strangers;
mod sweeps;
mod terminal;
mod terminals;
mod tidy;
mod together;
mod trends;
mod values;
mod verify;
mod workbooks;
