//! What a snapshot can say about the accounts of one slot on one day.
//!
//! What it is: small copyable values; addresses and logins are forms, spelled by `names`. May
//! assume: within a slot two addresses are equal exactly if their forms are, and addresses of
//! different slots differ. Must not: hold text, know about time, or write files.

/// A day of the demo: 0 is the first day of the window, earlier days are negative.
pub type Day = i64;

/// One of the addresses a person can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoAddress {
    /// `first.last` at the company: what the identity provider says for nearly everybody.
    Work,
    /// The work address under a double name taken at marriage.
    Married,
    /// The work address with two letters of the name swapped.
    Slip,
    /// `last.first` at the company, the habit of another instance's directory.
    LastFirst,
    /// The work address with a `+ghes` tag.
    PlusTag,
    /// The personnel number at the company.
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
    /// A stranger's address at a supplier, spelled quite differently.
    Supplier,
    /// The address at a supplier of a stranger with the same name.
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
    /// The personnel number, where an instance signs people in through a directory.
    Personnel,
    /// A relative with the same name.
    Junior,
    /// A service account.
    JenkinsBot,
    /// Another service account.
    DeployBot,
    /// Somebody from outside, as the instance numbers them.
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
    /// The host name.
    pub fn host(self) -> &'static str {
        match self {
            DemoInstance::Ghes1 => "ghes1.octo-corp.example",
            DemoInstance::Ghes2 => "ghes2.octo-corp.example",
            DemoInstance::Ghes3 => "ghes3.plant.example",
        }
    }

    /// The id of a slot's account here. Two ids per slot: the person's own and one extra.
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
    /// Where it is.
    pub instance: DemoInstance,
    /// Whether it is another's account than the person's own: a service account or a relative's.
    pub extra: bool,
    /// Its login.
    pub login: DemoLogin,
    /// The address that the license sync compares.
    pub primary: DemoAddress,
    /// A further address, which only the license export shows.
    pub secondary: Option<DemoAddress>,
    /// Whether its display name is the married one.
    pub married_name: bool,
    /// Whether it is suspended.
    pub suspended: bool,
    /// The first day on which it exists.
    pub created: Day,
}

impl DemoServerAccount {
    /// The account's id on its instance.
    pub fn id(&self, slot: u64) -> u64 {
        self.instance.account_id(slot, self.extra)
    }
}

/// An account on GitHub Enterprise Cloud.
#[derive(Clone, Copy, Debug)]
pub struct CloudAccount {
    /// Its login.
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
    /// Whether the license sync takes a Server account with this primary address for this person.
    pub fn matches(&self, primary: DemoAddress) -> bool {
        [self.name_id, self.verified, self.verified_alias].contains(&Some(primary))
    }
}

/// What Cloud knows about a slot, Server accounts aside.
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
    /// On Cloud.
    pub cloud: Option<CloudPresence>,
    /// On the Server instances.
    pub servers: Vec<DemoServerAccount>,
}

impl SlotAccounts {
    /// The Cloud account, if that is what Cloud has.
    pub fn cloud_account_mut(&mut self) -> Option<&mut CloudAccount> {
        match &mut self.cloud {
            Some(CloudPresence::Account(account)) => Some(account),
            _ => None,
        }
    }
}
