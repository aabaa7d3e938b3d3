//! The rows that a Cloud report has for one slot, as the last license sync has left them.
//!
//! This file implements GitHub's documented matching rule. A Server account whose primary address is the SAML
//! NameID or a verified address of a Cloud account is merged into the row of that account. The other Server
//! accounts have one row for each address. The file may assume that accounts of different slots never match. It
//! must not write or count.

use super::account::{CloudAccount, CloudPresence, DemoAddress, DemoServerAccount};
use super::population::Person;
use super::schedule::{Schedule, SnapshotDay};

/// A row of a Cloud report.
#[derive(Clone, Debug)]
pub enum Row {
    /// A row for a Cloud account, with the Server accounts that GitHub has merged into it.
    Account(CloudAccount, Vec<DemoServerAccount>),
    /// A row for Server accounts with one primary address that match no Cloud account.
    ServerOnly(DemoAddress, Vec<DemoServerAccount>),
    /// A row for an invitation that was sent to an address.
    Invitation(DemoAddress),
    /// A row for a Visual Studio subscriber without a Cloud account.
    SubscriptionOnly(DemoAddress),
}

impl Row {
    /// Whether the row takes a seat.
    pub fn takes_seat(&self) -> bool {
        !matches!(self, Row::SubscriptionOnly(_))
    }
}

/// The rows of one slot on a snapshot day. They show the Cloud accounts of that day, and the Server accounts of
/// the day of the last license sync.
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
