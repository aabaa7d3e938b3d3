//! The accounts that one slot of the demo can have on one day. A slot is the number of one person of the demo
//! enterprise.
//!
//! The values are small and hold no text: an address or a login is a kind, which `names` spells out. This file
//! may assume that two addresses of one slot are equal exactly if they are of the same kind, and that addresses
//! of different slots differ. It must not hold text, know about time, or write files.

/// A day of the demo. Day 0 is the first day of the demo's history, and earlier days are negative.
pub type Day = i64;

/// The kind of an address that a person of the demo can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoAddress {
    /// The work address, `first.last` at the company. Nearly everybody has it in the identity provider.
    Work,
    /// The work address with the double name that the person took when they married.
    Married,
    /// The work address with two letters of the last name swapped.
    Slip,
    /// The address `last.first` at the company, as the directory of another instance writes addresses.
    LastFirst,
    /// The work address with a `+ghes` tag.
    PlusTag,
    /// The personnel number as an address at the company.
    PersonnelNumber,
    /// The work address of a relative with the same name.
    Junior,
    /// A mailbox that several service accounts share.
    Mailbox,
    /// The sign-in address of a Visual Studio subscription.
    VisualStudio,
    /// The person's address at the company that was acquired.
    Plant,
    /// The address of a contractor at their own company.
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
    /// The plain login with the enterprise's short code, as managed users have it.
    Managed,
    /// The plain login with the short code of the second enterprise, which has managed users only.
    SecondEnterprise,
    /// A login that the person chose later.
    Renamed,
    /// The personnel number, as the login on an instance where people sign in through a directory.
    Personnel,
    /// The login of a relative with the same name as the person.
    Junior,
    /// The login of a service account, `jenkins-bot` with a number.
    JenkinsBot,
    /// The login of another service account, `deploy-bot` with a number.
    DeployBot,
    /// The login of an outsider, whom the instance calls `ext` with a number.
    External,
}

/// A Server instance of the demo enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoInstance {
    /// The oldest and largest instance.
    Ghes1,
    /// The second instance.
    Ghes2,
    /// The instance of the acquired company, which joins in the course of the demo's history.
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

    /// The id of an account on this instance. A slot has two ids: one for the person's own account, and one for
    /// an extra account.
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
    /// Whether the account belongs to somebody other than the slot's person: a service account or a relative.
    pub extra: bool,
    pub login: DemoLogin,
    /// The primary address, which the license sync compares with those on Cloud.
    pub primary: DemoAddress,
    /// A second address of the account, which only the license usage export shows.
    pub secondary: Option<DemoAddress>,
    /// Whether the display name of the account is the one that the person took when they married.
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
    /// The SAML NameID of the account, if it has one.
    pub name_id: Option<DemoAddress>,
    /// The account's address in the enterprise's verified domain, if it has one.
    pub verified: Option<DemoAddress>,
    /// A second address in the enterprise's verified domain, if the account has one.
    pub verified_alias: Option<DemoAddress>,
    /// Whether the display name of the account is the one that the person took when they married.
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
    /// Whether the license sync matches a Server account with this primary address to this Cloud account.
    pub fn matches(&self, primary: DemoAddress) -> bool {
        [self.name_id, self.verified, self.verified_alias].contains(&Some(primary))
    }
}

/// The Cloud account of a slot, or what Cloud has for the slot in place of an account.
#[derive(Clone, Copy, Debug)]
pub enum CloudPresence {
    /// A Cloud account.
    Account(CloudAccount),
    /// An invitation that was sent to an address and is not accepted yet.
    Invitation(DemoAddress),
    /// A Visual Studio subscriber without a Cloud account, with the sign-in address.
    SubscriptionOnly(DemoAddress),
}

/// All accounts of one slot on one day.
#[derive(Clone, Debug, Default)]
pub struct SlotAccounts {
    /// The Cloud account, invitation or subscription of the slot, if there is one.
    pub cloud: Option<CloudPresence>,
    /// The accounts of the slot on the Server instances.
    pub servers: Vec<DemoServerAccount>,
}

impl SlotAccounts {
    /// The Cloud account of the slot; `None` if the slot has none.
    pub fn cloud_account_mut(&mut self) -> Option<&mut CloudAccount> {
        match &mut self.cloud {
            Some(CloudPresence::Account(account)) => Some(account),
            _ => None,
        }
    }
}
