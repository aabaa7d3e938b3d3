//! The rows that a Cloud report has for one person of the demo after the last license sync.
//!
//! This file implements GitHub's documented matching rule. A Server account whose primary address is the SAML
//! NameID or a verified address of a Cloud account is merged into the row of that account. The other Server
//! accounts have one row for each address. The file may assume that accounts of different slots (people) never
//! match. It must not write or count.

use super::account::{CloudAccount, CloudPresence, DemoAddress, DemoServerAccount};
use super::population::Person;
use super::schedule::{Schedule, SnapshotDay};

/// A row of a Cloud report.
#[derive(Clone, Debug)]
pub enum Row {
    /// A Cloud account, with the Server accounts that GitHub has merged into its row.
    Account(CloudAccount, Vec<DemoServerAccount>),
    /// Server accounts that have one primary address and match no Cloud account.
    ServerOnly(DemoAddress, Vec<DemoServerAccount>),
    /// An invitation that was sent to an address.
    Invitation(DemoAddress),
    /// A Visual Studio subscriber without a Cloud account, with the sign-in address.
    SubscriptionOnly(DemoAddress),
}

impl Row {
    /// Whether the person or account in the row takes a seat.
    pub fn takes_seat(&self) -> bool {
        !matches!(self, Row::SubscriptionOnly(_))
    }
}

/// The rows that a Cloud report has for a person on a snapshot day. They show the Cloud account as it is on
/// that day, and the Server accounts as they were at the last license sync.
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
