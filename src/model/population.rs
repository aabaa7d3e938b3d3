//! The facts about one enterprise at one instant that counting needs, as compact numbers without names. The
//! module `store` reads them in one pass, and the module `people` works on them alone (architecture.md section
//! 2).

use std::collections::HashMap;
use std::ops::{Deref, Index, Range};
use std::sync::Arc;

use super::{
    AddressKind, HostIx, Indexed, InstanceIx, Instant, KeyId, Link, ListIndex, Member, Roles,
    RowIx, RowKind, ServerIx, StateId, part,
};

/// The billing model of an enterprise. The model decides whether invitations take a seat (counting.md section
/// 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BillingModel {
    /// The enterprise buys a number of licenses in advance, and invitations take a seat.
    #[default]
    Volume,
    /// The enterprise pays per use, and pending invitations take no seat.
    Metered,
    /// The enterprise has Enterprise Managed Users, whose accounts its identity provider makes.
    Emu,
}

impl BillingModel {
    /// Every billing model.
    pub const ALL: [BillingModel; 3] =
        [BillingModel::Volume, BillingModel::Metered, BillingModel::Emu];

    /// The name of the billing model on the command line and in answers.
    pub fn name(self) -> &'static str {
        match self {
            BillingModel::Volume => "volume",
            BillingModel::Metered => "metered",
            BillingModel::Emu => "emu",
        }
    }

    /// The billing model that has this name.
    pub fn from_name(name: &str) -> Option<BillingModel> {
        BillingModel::ALL.into_iter().find(|model| model.name() == name)
    }
}

/// An address of an account, with its key as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressKey {
    /// The kind of the address, such as a NameID or a primary address.
    pub kind: AddressKind,
    /// The number of the address key, by which addresses are compared.
    pub key: KeyId,
}

/// A row of the Cloud report in force.
#[derive(Debug, Clone)]
pub struct CloudRow {
    /// The number of the stored state (record) of the row.
    pub state: StateId,
    /// The kind of the row, such as a Cloud account or an invitation.
    pub row: RowKind,
    /// The enterprise roles of the row.
    pub roles: Roles,
    /// Is the license of the row a Visual Studio subscription?
    pub visual_studio: bool,
    /// The identity of the row in its source (counting.md section 2), as a range of [`CloudPart::identities`].
    pub identity: Range<usize>,
    /// The addresses of the row, as a range of positions for [`Population::addresses`].
    pub addresses: Range<u32>,
    /// The Server accounts that the row lists, as a range of [`CloudPart::listed`].
    pub listed: Range<u32>,
}

/// A Server account. It comes from the snapshot in force that supplies the accounts of its instance.
#[derive(Debug, Clone)]
pub struct ServerAccount {
    /// The number of the stored state (record) of the account.
    pub state: StateId,
    /// The instance that the account is on.
    pub instance: InstanceIx,
    /// The id of the account on the instance.
    pub member: Member,
    /// Does the account take part in counting? A suspended account and the login `ghost` do not, for instance
    /// (counting.md section 3).
    pub takes_part: bool,
    /// The addresses of the account, as a range of positions for [`Population::addresses`].
    pub addresses: Range<u32>,
}

/// The file from which the accounts of an instance are known (counting.md section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The accounts come from the instance's own snapshot, which was taken at this instant.
    Own(Instant),
    /// The accounts come from Cloud's copy of the instance (`server-as-synced`), which was taken at this
    /// instant.
    AsSynced(Instant),
    /// The accounts come from the Cloud rows in force that list ids of the instance.
    CloudOnly,
    /// The instance has no accounts, whatever Cloud rows list: it is retired or belongs to another enterprise.
    Absent,
}

/// An instance that is known in the enterprise.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The host name of the instance.
    pub host: Box<str>,
    /// The file from which the accounts of the instance are known.
    pub standing: Standing,
    /// Is the instance known at the instant of the question, by a snapshot or because a Cloud row in force lists
    /// it?
    pub known: bool,
    /// The time of the instance's last sync with Cloud, if it is known.
    pub last_sync: Option<Instant>,
    /// Does Cloud state that the instance was never synced with it?
    pub never_synced: bool,
}

/// A Server account that a Cloud row lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'p> {
    /// The instance that the account is on; `None` if the row lists the id without a host.
    pub instance: Option<InstanceIx>,
    /// The id of the account on its instance.
    pub member: &'p Member,
}

/// The rows of one Cloud snapshot, before they become part of a [`Population`].
#[derive(Debug, Clone, Default)]
pub struct CloudPart {
    /// The rows of the snapshot. Their ranges refer to the other lists of this `CloudPart`.
    pub rows: Vec<CloudRow>,
    /// The identities of all rows as one text. `CloudPart`s that were read together share it.
    pub identities: Arc<String>,
    /// The addresses of all rows, to which the ranges of the rows refer.
    pub addresses: Vec<AddressKey>,
    /// All Server accounts that the rows list, each with its host. The host is `None` if the row lists the id
    /// alone.
    pub listed: Vec<(Option<HostIx>, Member)>,
    /// The hosts that the rows list.
    pub hosts: Indexed<HostIx, Box<str>>,
}

/// The accounts of one Server snapshot, before they become part of a [`Population`].
#[derive(Debug, Clone, Default)]
pub struct ServerPart {
    /// The accounts of the snapshot. Their ranges refer to this `ServerPart`, and their `instance` is not set
    /// yet (0).
    pub accounts: Vec<ServerAccount>,
    /// The addresses of all accounts, to which the ranges of the accounts refer.
    pub addresses: Vec<AddressKey>,
}

/// The rows of a Cloud snapshot, and the instance of each host that the rows list. The rows are shared with the
/// code that read them from the store.
#[derive(Debug, Clone, Default)]
pub struct CloudRows {
    part: Arc<CloudPart>,
    instances: Indexed<HostIx, InstanceIx>,
}

impl Deref for CloudRows {
    type Target = [CloudRow];

    fn deref(&self) -> &[CloudRow] {
        &self.part.rows
    }
}

impl Index<RowIx> for CloudRows {
    type Output = CloudRow;

    fn index(&self, row: RowIx) -> &CloudRow {
        &self.part.rows[row.position()]
    }
}

impl CloudRows {
    /// The indices of all Cloud rows, in order.
    pub fn indices(&self) -> impl DoubleEndedIterator<Item = RowIx> + ExactSizeIterator + use<> {
        RowIx::below(self.len())
    }

    /// All Cloud rows, each with its index.
    pub fn enumerated(&self) -> impl ExactSizeIterator<Item = (RowIx, &CloudRow)> {
        self.indices().zip(self)
    }
}

impl<'c> IntoIterator for &'c CloudRows {
    type Item = &'c CloudRow;
    type IntoIter = std::slice::Iter<'c, CloudRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.part.rows.iter()
    }
}

/// The facts about one enterprise at one instant that counting needs.
#[derive(Debug, Clone, Default)]
pub struct Population {
    /// The billing model of the enterprise.
    pub billing: BillingModel,
    /// The time of the Cloud snapshot in force, if there is one.
    pub cloud_taken_at: Option<Instant>,
    /// The rows of the Cloud snapshot in force, in the order of their identities.
    pub cloud: CloudRows,
    /// The accounts of the instances that have a snapshot in force.
    pub server: Indexed<ServerIx, ServerAccount>,
    /// The instances that are known in the enterprise.
    pub instances: Indexed<InstanceIx, Instance>,
    /// The index of each instance, by the name of its host.
    pub by_host: HashMap<Box<str>, InstanceIx>,
    /// The addresses of the Server accounts. Their positions follow those of the addresses of the Cloud rows.
    server_addresses: Vec<AddressKey>,
    /// Secondary addresses that only Cloud knows, for accounts whose instance has its own snapshot. These addresses
    /// are only evidence (counting.md section 1).
    pub synced_addresses: HashMap<ServerIx, Vec<KeyId>>,
    /// The declared links that are in effect between accounts of the enterprise.
    pub links: Vec<Link>,
}

impl CloudPart {
    /// The identity of a Cloud row.
    pub fn identity(&self, row: &CloudRow) -> &str {
        &self.identities[row.identity.clone()]
    }
}

impl Population {
    /// The facts with only the Cloud rows of `part`, without instances. The caller adds the instances, and then
    /// calls [`Population::name_hosts`].
    pub fn of(part: Arc<CloudPart>) -> Population {
        let cloud = CloudRows { part, instances: Indexed::new() };
        Population { cloud, ..Population::default() }
    }

    /// The index of the instance with this host. An unknown host is added as an instance that is known only from
    /// Cloud.
    pub fn instance(&mut self, host: &str) -> InstanceIx {
        if let Some(&known) = self.by_host.get(host) {
            return known;
        }
        let instance = self.instances.push(Instance {
            host: host.into(),
            standing: Standing::CloudOnly,
            known: false,
            last_sync: None,
            never_synced: false,
        });
        self.by_host.insert(host.into(), instance);
        instance
    }

    /// The instance with this host, for changes; `None` if the enterprise does not know it.
    pub fn known_instance(&mut self, host: &str) -> Option<&mut Instance> {
        let instance = *self.by_host.get(host)?;
        self.instances.get_mut(instance)
    }

    /// Assigns an instance to every host that the Cloud rows list. `canonical` returns the current name of a
    /// host that has several names. Instances of other enterprises must already be added as
    /// [`Standing::Absent`].
    pub fn name_hosts(&mut self, canonical: impl Fn(&str) -> String) {
        let part = Arc::clone(&self.cloud.part);
        let instances: Indexed<HostIx, InstanceIx> =
            part.hosts.iter().map(|host| self.instance(&canonical(host))).collect();
        for &instance in &instances {
            let instance = &mut self.instances[instance];
            instance.known |= instance.standing != Standing::Absent;
        }
        self.cloud.instances = instances;
    }

    /// Adds the accounts of an instance that has a snapshot in force.
    pub fn add_server(&mut self, instance: InstanceIx, part: &ServerPart) {
        let before = (self.cloud.part.addresses.len() + self.server_addresses.len()) as u32;
        self.server_addresses.extend_from_slice(&part.addresses);
        self.server.extend(part.accounts.iter().map(|account| ServerAccount {
            instance,
            addresses: account.addresses.start + before..account.addresses.end + before,
            member: account.member.clone(),
            ..*account
        }));
    }

    /// Gives ids to the accounts of an instance that have only a login. `ids` maps logins to ids. An account
    /// whose login is not in `ids` stays as it is.
    pub fn name_by_login(&mut self, instance: InstanceIx, ids: &HashMap<String, String>) {
        for account in self.server.iter_mut().filter(|account| account.instance == instance) {
            if let Member::Login(login) = &account.member
                && let Some(id) = ids.get(&**login)
            {
                account.member = Member::new(id);
            }
        }
    }

    /// Adds the secondary addresses that Cloud has synced from an instance to the accounts of the instance's own
    /// snapshot.
    pub fn add_synced_addresses(&mut self, instance: InstanceIx, synced: &ServerPart) {
        let others: HashMap<&Member, &Range<u32>> =
            synced.accounts.iter().map(|account| (&account.member, &account.addresses)).collect();
        for (index, account) in self.server.enumerated() {
            let Some(range) = others.get(&account.member) else { continue };
            if account.instance == instance {
                let addresses = part(&synced.addresses, range);
                let others = addresses.iter().filter(|it| it.kind == AddressKind::Secondary);
                let others: Vec<KeyId> = others.map(|address| address.key).collect();
                if !others.is_empty() {
                    self.synced_addresses.insert(index, others);
                }
            }
        }
    }

    /// The identity of a row of the Cloud snapshot in force.
    pub fn identity(&self, row: RowIx) -> &str {
        self.cloud.part.identity(&self.cloud[row])
    }

    /// The Cloud row that has this identity.
    pub fn row_of(&self, identity: &str) -> Option<RowIx> {
        let of = |row: &CloudRow| self.cloud.part.identity(row).cmp(identity);
        self.cloud.binary_search_by(of).ok().map(RowIx::at)
    }

    /// The addresses at a range of positions. Every Cloud row and every Server account has such a range.
    pub fn addresses(&self, range: &Range<u32>) -> &[AddressKey] {
        let of_cloud = &self.cloud.part.addresses;
        let before = of_cloud.len() as u32;
        match range.start < before {
            true => part(of_cloud, range),
            false => part(&self.server_addresses, &(range.start - before..range.end - before)),
        }
    }

    /// The keys of the addresses of one kind, at a range of positions.
    pub fn keys(&self, range: &Range<u32>, kind: AddressKind) -> impl Iterator<Item = KeyId> {
        let of_kind = self.addresses(range).iter().filter(move |address| address.kind == kind);
        of_kind.map(|address| address.key)
    }

    /// The keys of all addresses of the enterprise. A key can occur more than once.
    pub fn all_keys(&self) -> impl Iterator<Item = KeyId> + Clone {
        let own = self.cloud.part.addresses.iter().chain(&self.server_addresses);
        let synced = self.synced_addresses.values().flatten();
        own.map(|it| it.key).chain(synced.copied())
    }

    /// The Server accounts that a Cloud row lists.
    pub fn listed(&self, row: &CloudRow) -> impl ExactSizeIterator<Item = Listed<'_>> + Clone {
        let listed = part(&self.cloud.part.listed, &row.listed).iter();
        listed.map(|(host, member)| Listed {
            instance: host.map(|host| self.cloud.instances[host]),
            member,
        })
    }

    /// The number of Server accounts that all Cloud rows together list.
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
