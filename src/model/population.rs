//! What counting needs to know of one enterprise at one instant, as numbers: compact, without
//! names. `store` hands it out in one pass, `people` works on nothing else (architecture.md
//! section 2).

use std::collections::HashMap;
use std::ops::{Deref, Range};
use std::sync::Arc;

use super::{AddressKind, Instant, Link, Roles, RowKind};

/// How an enterprise pays, which decides whether invitations count (counting.md section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BillingModel {
    /// Seats bought in advance.
    #[default]
    Volume,
    /// Pay per use.
    Metered,
    /// Managed users.
    Emu,
}

impl BillingModel {
    /// Every model.
    pub const ALL: [BillingModel; 3] =
        [BillingModel::Volume, BillingModel::Metered, BillingModel::Emu];

    /// The name on the command line and in answers.
    pub fn name(self) -> &'static str {
        match self {
            BillingModel::Volume => "volume",
            BillingModel::Metered => "metered",
            BillingModel::Emu => "emu",
        }
    }

    /// The model of a name.
    pub fn from_name(name: &str) -> Option<BillingModel> {
        BillingModel::ALL.into_iter().find(|model| model.name() == name)
    }
}

/// A number for which of an account's addresses it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressKey {
    /// Which of the account's addresses.
    pub kind: AddressKind,
    /// The number of its key: equal keys have equal numbers.
    pub key: u32,
}

/// The id of a Server account within its instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// The file gives no id: what makes it the same account in two snapshots instead.
    Unnamed(Box<str>),
    /// The file gives no id but this login, as logins are compared.
    Login(Box<str>),
    /// An id that is all digits.
    Number(u64),
    /// Any other id.
    Text(Box<str>),
}

impl Member {
    /// The id of a text.
    pub fn new(id: &str) -> Member {
        match id.parse() {
            Ok(number) => Member::Number(number),
            Err(_) => Member::Text(id.into()),
        }
    }

    /// What to look it up by.
    pub fn by_ref(&self) -> MemberRef<'_> {
        match self {
            Member::Number(number) => MemberRef::Number(*number),
            other => MemberRef::Other(other),
        }
    }
}

/// An id to be looked up by: a number as it is, so that nothing else is looked at to compare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberRef<'m> {
    /// An id that is all digits.
    Number(u64),
    /// Anything else that may stand for an id.
    Other(&'m Member),
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Member::Unnamed(_) | Member::Login(_) => Ok(()),
            Member::Number(number) => write!(f, "{number}"),
            Member::Text(text) => f.write_str(text),
        }
    }
}

/// A row of the Cloud report in force.
#[derive(Debug, Clone)]
pub struct CloudRow {
    /// The stored state.
    pub state: i64,
    /// Which of the four things the row is.
    pub row: RowKind,
    /// What its enterprise roles say.
    pub roles: Roles,
    /// Is its license a Visual Studio subscription?
    pub visual_studio: bool,
    /// Its identity within the source (counting.md section 2), as a range of
    /// [`CloudPart::identities`].
    pub identity: Range<usize>,
    /// Its addresses, to be had from [`Population::addresses`].
    pub addresses: Range<u32>,
    /// The Server accounts it lists, as a range of [`CloudPart::listed`].
    pub listed: Range<u32>,
}

/// An account of an instance, from the instance's own snapshot in force.
#[derive(Debug, Clone)]
pub struct ServerAccount {
    /// The stored state.
    pub state: i64,
    /// The instance, as an index of [`Population::instances`].
    pub instance: u32,
    /// The id on the instance.
    pub member: Member,
    /// Does it take part in counting (counting.md section 3: not suspended, not `ghost`, …)?
    pub takes_part: bool,
    /// Its addresses, to be had from [`Population::addresses`].
    pub addresses: Range<u32>,
}

/// Where the accounts of an instance come from (counting.md section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// From its own snapshot, taken then.
    Own(Instant),
    /// From what Cloud has synced of it, in a snapshot taken then.
    AsSynced(Instant),
    /// From the Cloud rows in force that list its ids.
    CloudOnly,
    /// It has none here, whatever Cloud rows list: it is retired, or belongs to another
    /// enterprise.
    Absent,
}

/// An instance that is known in the enterprise.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its host name.
    pub host: Box<str>,
    /// Where its accounts come from.
    pub standing: Standing,
    /// Is it known at the instant: by a snapshot, or listed by a Cloud row in force?
    pub known: bool,
    /// When it was last synced with Cloud, if that is known.
    pub last_sync: Option<Instant>,
    /// Does Cloud say that it never was?
    pub never_synced: bool,
}

/// A Server account as a Cloud row lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'p> {
    /// The instance; `None` for a bare id.
    pub instance: Option<u32>,
    /// The id.
    pub member: &'p Member,
}

/// The rows of one Cloud snapshot, before they are put into a [`Population`].
#[derive(Debug, Clone, Default)]
pub struct CloudPart {
    /// The rows; their ranges are of this part.
    pub rows: Vec<CloudRow>,
    /// All identities in one text, which those who were read together share.
    pub identities: Arc<String>,
    /// All addresses.
    pub addresses: Vec<AddressKey>,
    /// All listed Server accounts: the host as an index of `hosts`, `None` for a bare id.
    pub listed: Vec<(Option<u32>, Member)>,
    /// The hosts that the rows list.
    pub hosts: Vec<Box<str>>,
}

/// The accounts of one Server snapshot, before they are put into a [`Population`].
#[derive(Debug, Clone, Default)]
pub struct ServerPart {
    /// The accounts; their ranges are of this part, their `instance` is 0.
    pub accounts: Vec<ServerAccount>,
    /// All addresses.
    pub addresses: Vec<AddressKey>,
}

/// The rows of a Cloud snapshot, shared with whoever read them, and which instance each host that
/// they list is here.
#[derive(Debug, Clone, Default)]
pub struct CloudRows {
    part: Arc<CloudPart>,
    /// By index of [`CloudPart::hosts`], an index of [`Population::instances`].
    instances: Vec<u32>,
}

impl Deref for CloudRows {
    type Target = [CloudRow];

    fn deref(&self) -> &[CloudRow] {
        &self.part.rows
    }
}

impl<'c> IntoIterator for &'c CloudRows {
    type Item = &'c CloudRow;
    type IntoIter = std::slice::Iter<'c, CloudRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.part.rows.iter()
    }
}

/// One enterprise at one instant.
#[derive(Debug, Clone, Default)]
pub struct Population {
    /// How it pays.
    pub billing: BillingModel,
    /// When the Cloud snapshot in force was taken, if there is one.
    pub cloud_taken_at: Option<Instant>,
    /// The rows of the Cloud snapshot in force, in order of their identities.
    pub cloud: CloudRows,
    /// The accounts of instances that speak for themselves.
    pub server: Vec<ServerAccount>,
    /// The instances.
    pub instances: Vec<Instance>,
    /// Where each instance stands among them, by its host: every row may list another one.
    pub by_host: HashMap<Box<str>, u32>,
    /// The addresses of the Server accounts, numbered after those of the Cloud rows.
    server_addresses: Vec<AddressKey>,
    /// Non-primary addresses that only Cloud knows of an account whose instance speaks for itself,
    /// by its index in `server`: evidence, no more (counting.md section 1).
    pub synced_addresses: HashMap<u32, Vec<u32>>,
    /// The declared links that hold, between accounts whose sources are here.
    pub links: Vec<Link>,
}

impl CloudPart {
    /// The identity of a row.
    pub fn identity(&self, row: &CloudRow) -> &str {
        &self.identities[row.identity.clone()]
    }
}

impl Population {
    /// An enterprise whose Cloud snapshot in force has these rows. Its instances are to be added, and
    /// then what the rows list ([`Population::name_hosts`]).
    pub fn of(part: Arc<CloudPart>) -> Population {
        let cloud = CloudRows { part, instances: Vec::new() };
        Population { cloud, ..Population::default() }
    }

    /// The index of an instance; added as one that only Cloud knows if it is new.
    pub fn instance(&mut self, host: &str) -> u32 {
        if let Some(&known) = self.by_host.get(host) {
            return known;
        }
        let index = self.instances.len() as u32;
        self.by_host.insert(host.into(), index);
        self.instances.push(Instance {
            host: host.into(),
            standing: Standing::CloudOnly,
            known: false,
            last_sync: None,
            never_synced: false,
        });
        index
    }

    /// The instance of a host, if it is known here.
    pub fn known_instance(&mut self, host: &str) -> Option<&mut Instance> {
        let index = *self.by_host.get(host)?;
        self.instances.get_mut(index as usize)
    }

    /// Says which instances the Cloud rows list; `canonical` gives the name of a host that counts.
    /// Instances that belong elsewhere must be there already, as [`Standing::Absent`].
    pub fn name_hosts(&mut self, canonical: impl Fn(&str) -> String) {
        let part = Arc::clone(&self.cloud.part);
        let instances = part.hosts.iter().map(|host| self.instance(&canonical(host))).collect();
        for &instance in &instances {
            let instance: &mut Instance = &mut self.instances[instance as usize];
            instance.known |= instance.standing != Standing::Absent;
        }
        self.cloud.instances = instances;
    }

    /// Takes in the accounts of an instance that speaks for itself.
    pub fn add_server(&mut self, instance: u32, part: &ServerPart) {
        let before = (self.cloud.part.addresses.len() + self.server_addresses.len()) as u32;
        self.server_addresses.extend_from_slice(&part.addresses);
        self.server.extend(part.accounts.iter().map(|account| ServerAccount {
            instance,
            addresses: account.addresses.start + before..account.addresses.end + before,
            member: account.member.clone(),
            ..*account
        }));
    }

    /// Gives the accounts of an instance that have a login only their ids, where they are known.
    pub fn name_by_login(&mut self, instance: u32, ids: &HashMap<String, String>) {
        for account in self.server.iter_mut().filter(|account| account.instance == instance) {
            if let Member::Login(login) = &account.member
                && let Some(id) = ids.get(&**login)
            {
                account.member = Member::new(id);
            }
        }
    }

    /// Takes in what Cloud knows of the accounts of an instance that speaks for itself: their
    /// other addresses.
    pub fn add_synced_addresses(&mut self, instance: u32, synced: &ServerPart) {
        let others: HashMap<&Member, &Range<u32>> =
            synced.accounts.iter().map(|account| (&account.member, &account.addresses)).collect();
        for (index, account) in (0u32..).zip(&self.server) {
            let Some(range) = others.get(&account.member) else { continue };
            if account.instance == instance {
                let addresses = &synced.addresses[range.start as usize..range.end as usize];
                let others = addresses.iter().filter(|it| it.kind == AddressKind::Secondary);
                let others: Vec<u32> = others.map(|address| address.key).collect();
                if !others.is_empty() {
                    self.synced_addresses.insert(index, others);
                }
            }
        }
    }

    /// The identity of a row of the Cloud snapshot in force.
    pub fn identity(&self, row: u32) -> &str {
        self.cloud.part.identity(&self.cloud[row as usize])
    }

    /// The row of an identity.
    pub fn row_of(&self, identity: &str) -> Option<u32> {
        let of = |row: &CloudRow| self.cloud.part.identity(row).cmp(identity);
        self.cloud.binary_search_by(of).ok().map(|row| row as u32)
    }

    /// The addresses of a range.
    pub fn addresses(&self, range: &Range<u32>) -> &[AddressKey] {
        let (start, end) = (range.start as usize, range.end as usize);
        let of_cloud = &self.cloud.part.addresses;
        match start < of_cloud.len() {
            true => &of_cloud[start..end],
            false => &self.server_addresses[start - of_cloud.len()..end - of_cloud.len()],
        }
    }

    /// The keys of one kind in a range of addresses.
    pub fn keys(&self, range: &Range<u32>, kind: AddressKind) -> impl Iterator<Item = u32> {
        let of_kind = self.addresses(range).iter().filter(move |address| address.kind == kind);
        of_kind.map(|address| address.key)
    }

    /// The keys of all addresses; some come more than once.
    pub fn all_keys(&self) -> impl Iterator<Item = u32> + Clone {
        let own = self.cloud.part.addresses.iter().chain(&self.server_addresses);
        let synced = self.synced_addresses.values().flatten();
        own.map(|it| it.key).chain(synced.copied())
    }

    /// The Server accounts that a Cloud row lists.
    pub fn listed(&self, row: &CloudRow) -> impl ExactSizeIterator<Item = Listed<'_>> + Clone {
        let listed = &self.cloud.part.listed[row.listed.start as usize..row.listed.end as usize];
        listed.iter().map(|(host, member)| Listed {
            instance: host.map(|host| self.cloud.instances[host as usize]),
            member,
        })
    }

    /// How many Server accounts all Cloud rows list.
    pub fn listed_in_all(&self) -> usize {
        self.cloud.part.listed.len()
    }

    /// Does a Cloud row take a seat (counting.md section 3)?
    pub fn takes_seat(&self, row: &CloudRow) -> bool {
        match (row.row, self.billing) {
            (RowKind::Cloud, BillingModel::Volume) => true,
            (RowKind::Cloud, _) => row.roles != Roles::Pending,
            (RowKind::Invited, BillingModel::Volume) => true,
            _ => false,
        }
    }
}
