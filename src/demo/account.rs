//! The accounts that one slot can have on one day.
//!
//! What it is: small copyable values. Addresses and logins are forms that `names` spells out. May assume:
//! within a slot, two addresses are equal exactly if their forms are, and addresses of different slots differ.
//! Must not: hold text, know about time, or write files.

/// A day of the demo: 0 is the first day of the window, earlier days are negative.
pub type Day = i64;

/// One of the addresses a person can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoAddress {
    /// `first.last` at the company, which nearly everybody has in the identity provider.
    Work,
    /// The work address under a double name taken at marriage.
    Married,
    /// The work address with two letters of the name swapped.
    Slip,
    /// `last.first` at the company, the habit of another instance's directory.
    LastFirst,
    /// The work address with a `+ghes` tag.
    PlusTag,
    /// The personnel number, as an address at the company.
    PersonnelNumber,
    /// The work address of a relative with the same name.
    Junior,
    /// A mailbox that several service accounts share.
    Mailbox,
    /// The sign-in address of a Visual Studio subscription.
    VisualStudio,
    /// The address at the acquired company.
    Plant,
    /// The address at a contractor's own company.
    Partner,
    /// A stranger's address at a supplier, spelled quite differently from this person's.
    Supplier,
    /// The address, at a supplier, of a stranger with the same name.
    SuppliersNamesake,
    /// A colleague's work address, one letter off this person's.
    Neighbor,
}

/// One of the logins a person can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoLogin {
    /// `first-last`.
    Plain,
    /// The plain login with the enterprise's short code, as managed users have it.
    Managed,
    /// A login chosen later.
    Renamed,
    /// The personnel number, on an instance that signs people in through a directory.
    Personnel,
    /// The login of a relative with the same name.
    Junior,
    /// A service account.
    JenkinsBot,
    /// Another service account.
    DeployBot,
    /// An outsider, as the instance numbers them.
    External,
}

/// A Server instance of the demo enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoInstance {
    /// The oldest and largest instance.
    Ghes1,
    /// The second instance.
    Ghes2,
    /// The acquired company's instance, which joins late.
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

    /// The id that a slot's account has on this instance. A slot has two ids: one for the person's own account
    /// and one for an extra account.
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
    /// The address that the license sync compares.
    pub primary: DemoAddress,
    /// A second address, which only the license export shows.
    pub secondary: Option<DemoAddress>,
    /// Whether its display name is the married one.
    pub married_name: bool,
    pub suspended: bool,
    /// The first day on which it exists.
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
    /// Its SAML NameID, if it has one.
    pub name_id: Option<DemoAddress>,
    /// Its address in the enterprise's verified domain, if it has one.
    pub verified: Option<DemoAddress>,
    /// A second verified address.
    pub verified_alias: Option<DemoAddress>,
    /// Whether its display name is the married one.
    pub married_name: bool,
}

impl CloudAccount {
    /// Whether the license sync matches a Server account with this primary address to this Cloud account.
    pub fn matches(&self, primary: DemoAddress) -> bool {
        [self.name_id, self.verified, self.verified_alias].contains(&Some(primary))
    }
}

/// What Cloud has for a slot, apart from Server accounts.
#[derive(Clone, Copy, Debug)]
pub enum CloudPresence {
    /// An account.
    Account(CloudAccount),
    /// An invitation sent to an address and not yet accepted.
    Invitation(DemoAddress),
    /// A Visual Studio subscriber without an account.
    SubscriptionOnly(DemoAddress),
}

/// All accounts of one slot on one day.
#[derive(Clone, Debug, Default)]
pub struct SlotAccounts {
    /// What Cloud has.
    pub cloud: Option<CloudPresence>,
    /// The accounts on the Server instances.
    pub servers: Vec<DemoServerAccount>,
}

impl SlotAccounts {
    /// The Cloud account, if Cloud has one.
    pub fn cloud_account_mut(&mut self) -> Option<&mut CloudAccount> {
        match &mut self.cloud {
            Some(CloudPresence::Account(account)) => Some(account),
            _ => None,
        }
    }
}
