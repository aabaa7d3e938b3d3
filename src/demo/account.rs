//! The accounts that one person of the demo can have on one day. A slot is the number of a person of the demo
//! enterprise.
//!
//! The values are small and have no text: an address or a login is a kind, which `names` spells out. This file
//! may assume that two addresses of one slot are equal exactly if they are of the same kind, and that addresses
//! of different slots differ. It must not hold text, know about time, or write files.

/// A day of the demo's history. Day 0 is its first day, and days before the history are negative.
pub type Day = i64;

/// The kind of an address that a person of the demo can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoAddress {
    /// The work address, `first.last` at the company. Nearly every account at the identity provider has it.
    Work,
    /// The work address with the double name that the person took when they married.
    Married,
    /// The work address with two letters of the last name swapped.
    Slip,
    /// The address `last.first` at the company, as the directory of another instance writes addresses.
    LastFirst,
    /// The work address with the tag `+ghes` before the `@`.
    PlusTag,
    /// The personnel number as an address at the company.
    PersonnelNumber,
    /// The work address of a relative with the same name.
    Junior,
    /// A mailbox that several service accounts share.
    Mailbox,
    /// The address with which the person signs in to a Visual Studio subscription.
    VisualStudio,
    /// The person's address at a company that was acquired and still has a domain of its own.
    Plant,
    /// The address of a contractor at the contractor's own company.
    Partner,
    /// The address of a stranger at a supplier, which is not similar to any address of the person.
    Supplier,
    /// The address, at a supplier, of a stranger with the same name as the person.
    SuppliersNamesake,
    /// The work address of a colleague, which has one letter more than that of the person.
    Neighbor,
    /// The private address that the person shares with a relative.
    Family,
}

/// The kind of a login that a person of the demo can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoLogin {
    /// The login `first-last`.
    Plain,
    /// The login `first-last` with the enterprise's short code, as managed users have it.
    Managed,
    /// The login `first-last` with the short code of the second enterprise, which has managed users only.
    SecondEnterprise,
    /// A login that the person took later in place of `first-last`.
    Renamed,
    /// The personnel number, as the login on an instance where people sign in through a directory.
    Personnel,
    /// The login of a relative with the same name as the person.
    Junior,
    /// The login of a service account, `jenkins-bot` with a number.
    JenkinsBot,
    /// The login of another service account, `deploy-bot` with a number.
    DeployBot,
    /// The login of somebody from another company, whom the instance calls `ext` with a number.
    External,
}

/// A Server instance of the demo enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoInstance {
    /// The oldest and largest instance.
    Ghes1,
    /// The second instance.
    Ghes2,
    /// The instance of the acquired company. It joins in the course of the demo's history.
    Ghes3,
}

impl DemoInstance {
    pub fn host(self) -> &'static str {
        match self {
            DemoInstance::Ghes1 => "ghes1.octo-corp.example",
            DemoInstance::Ghes2 => "ghes2.octo-corp.example",
            DemoInstance::Ghes3 => "ghes3.plant.example",
        }
    }

    /// The id of an account on this instance. Each slot (person) has two ids: one for the person's own account,
    /// and one for an extra account, which is somebody else's.
    fn account_id(self, slot: u64, extra: bool) -> u64 {
        let number = 2 * slot + u64::from(extra);
        match self {
            DemoInstance::Ghes1 => 11 + number,
            DemoInstance::Ghes2 => 4_003 + 3 * number,
            DemoInstance::Ghes3 => 107 + 5 * number,
        }
    }
}

/// An account on a Server instance.
#[derive(Clone, Copy, Debug)]
pub struct DemoServerAccount {
    /// The instance that the account is on.
    pub instance: DemoInstance,
    /// Whether the account is not the person's own, but that of a service or of a relative.
    pub extra: bool,
    pub login: DemoLogin,
    /// The primary address, which the license sync compares with the addresses on Cloud.
    pub primary: DemoAddress,
    /// A second address of the account. Only the license usage export shows it.
    pub secondary: Option<DemoAddress>,
    /// Whether the display name has the double name that the person took when they married.
    pub married_name: bool,
    pub suspended: bool,
    /// The first day on which the account exists.
    pub created: Day,
}

impl DemoServerAccount {
    pub fn id(&self, slot: u64) -> u64 {
        self.instance.account_id(slot, self.extra)
    }
}

/// An account on GitHub Enterprise Cloud.
#[derive(Clone, Copy, Debug)]
pub struct CloudAccount {
    pub login: DemoLogin,
    /// The SAML NameID of the account; `None` if it has none.
    pub name_id: Option<DemoAddress>,
    /// The account's address in the verified domain of the enterprise; `None` if it has none.
    pub verified: Option<DemoAddress>,
    /// The account's second address in the verified domain of the enterprise; `None` if it has none.
    pub verified_alias: Option<DemoAddress>,
    /// Whether the display name has the double name that the person took when they married.
    pub married_name: bool,
}

/// An account in the second enterprise of the demo, which has managed users only.
#[derive(Clone, Copy, Debug)]
pub struct ManagedUser {
    /// The SAML NameID of the account.
    pub name_id: DemoAddress,
    /// Whether the account belongs to a stranger, who has the person's login and nothing else in common.
    pub is_strangers: bool,
}

impl CloudAccount {
    /// Whether GitHub matches a Server account with this primary address to the Cloud account.
    pub fn matches(&self, primary: DemoAddress) -> bool {
        [self.name_id, self.verified, self.verified_alias].contains(&Some(primary))
    }
}

/// What Cloud knows of a person: a Cloud account, or an invitation or subscription in place of one.
#[derive(Clone, Copy, Debug)]
pub enum CloudPresence {
    /// A Cloud account.
    Account(CloudAccount),
    /// An invitation that was sent to an address and was not accepted yet.
    Invitation(DemoAddress),
    /// A Visual Studio subscriber without a Cloud account. The subscriber signs in with this address.
    SubscriptionOnly(DemoAddress),
}

/// All accounts of one person on one day. Accounts of somebody whom the person is confused with are among them.
#[derive(Clone, Debug, Default)]
pub struct SlotAccounts {
    /// What Cloud knows of the person: an account, an invitation or a subscription; `None` if it knows nothing.
    pub cloud: Option<CloudPresence>,
    /// The person's accounts on Server, and those of a service or a relative that go with them.
    pub servers: Vec<DemoServerAccount>,
}

impl SlotAccounts {
    /// The person's Cloud account; `None` if the person has none.
    pub fn cloud_account_mut(&mut self) -> Option<&mut CloudAccount> {
        match &mut self.cloud {
            Some(CloudPresence::Account(account)) => Some(account),
            _ => None,
        }
    }
}
