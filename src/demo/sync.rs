//! GitHub's side: the rows that a Cloud report has for one slot, after the last license sync.
//!
//! What it is: GitHub's documented matching rule. A Server account whose primary address is a Cloud account's
//! SAML NameID or verified address joins that account's row. The others stand in one row per address. May
//! assume: accounts of different slots never match. Must not: write or count.

use super::account::{CloudAccount, CloudPresence, DemoAddress, DemoServerAccount};
use super::population::Person;
use super::schedule::{Schedule, SnapshotDay};

/// A row of the report.
#[derive(Clone, Debug)]
pub enum Row {
    /// A Cloud account with the Server accounts that GitHub has merged into it.
    Account(CloudAccount, Vec<DemoServerAccount>),
    /// Server accounts with one primary address that GitHub could match to no Cloud account.
    ServerOnly(DemoAddress, Vec<DemoServerAccount>),
    /// An invitation sent to an address.
    Invitation(DemoAddress),
    /// A Visual Studio subscriber without an account.
    SubscriptionOnly(DemoAddress),
}

impl Row {
    /// Whether the row takes a seat.
    pub fn takes_seat(&self) -> bool {
        !matches!(self, Row::SubscriptionOnly(_))
    }
}

/// The rows of one slot, with Cloud as of the day and Server as of the last sync.
pub fn rows(person: &Person, schedule: &Schedule, snapshot: SnapshotDay) -> Vec<Row> {
    let cloud = person.life.accounts_on(snapshot.day).cloud;
    let mut unmatched = person.life.accounts_on(snapshot.synced).servers;
    unmatched.retain(|server| {
        !server.suspended && schedule.is_connected(server.instance, snapshot.synced)
    });
    let mut rows = Vec::new();
    match cloud {
        Some(CloudPresence::Account(account)) => {
            let (merged, others) =
                unmatched.into_iter().partition(|server| account.matches(server.primary));
            unmatched = others;
            rows.push(Row::Account(account, merged));
        }
        Some(CloudPresence::Invitation(address)) => rows.push(Row::Invitation(address)),
        Some(CloudPresence::SubscriptionOnly(address)) => rows.push(Row::SubscriptionOnly(address)),
        None => {}
    }
    while let Some(&first) = unmatched.first() {
        let (same, others) =
            unmatched.into_iter().partition(|server| server.primary == first.primary);
        unmatched = others;
        rows.push(Row::ServerOnly(first.primary, same));
    }
    rows
}
