//! Finds the people who have seats in several enterprises at an instant (directory.md section 4): collects the
//! seats of all enterprises, the entries of directories that they belong to, and the declared links, and lets
//! `people` decide.

use foldhash::{HashSet, HashSetExt};

use super::Ledger;
use super::directories::{Directories, Directory};
use super::links::UNKNOWN_HOST;
use super::moment::{Enterprise, Moment};
use crate::email;
use crate::error::Result;
use crate::model::{
    AccountIx, DigestOf, Instant, LinkEnd, LinkSays, ListIndex, Standing, StateId, StoredWords,
};
use crate::people::{
    self, AccountOrigin, AcrossItem, AcrossIx, AcrossLinks, AcrossSeats, AcrossSide, SeatEntry,
    SideIx, Strings, tells_a_person,
};
use crate::store::LinkedAccount;

/// The people who have seats in several enterprises at an instant.
pub(crate) struct AcrossFound<'m> {
    /// The enterprises that are compared, in the order of the side index of each seat.
    pub enterprises: Vec<&'m Enterprise<'m>>,
    /// The seats of the enterprises that are compared.
    pub seats: AcrossSeats<'m>,
    /// The people with seats in several enterprises, sorted by confidence (certain, likely, possible).
    pub items: Vec<AcrossItem>,
    /// The directories in force, in the order of their numbers: the name, and the instant of the snapshot.
    pub directories: Vec<(String, Instant)>,
}

impl<'m> AcrossFound<'m> {
    /// The enterprise that a seat belongs to.
    pub fn enterprise_of(&self, seat: AcrossIx) -> &'m Enterprise<'m> {
        self.enterprises[self.seats.side_of(seat).position()]
    }
}

impl Ledger<'_> {
    /// The people who have seats in several enterprises of a moment (an instant with everybody in it). The
    /// moment must have all enterprises. An instance that belongs to no enterprise is left out.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn across<'m>(&self, moment: &'m Moment<'m>) -> Result<AcrossFound<'m>> {
        let named = moment.enterprises.iter().filter(|enterprise| enterprise.name.is_some());
        let enterprises: Vec<&'m Enterprise<'m>> = named.collect();
        let directories = match enterprises.len() > 1 {
            true => self.directories(moment.at)?,
            false => None,
        };
        let mut all = directories.iter().flat_map(|it| &it.all);
        let is_mapped = all.any(|it| it.entries.has_logins(DigestOf::ServerLogin));
        let sides = enterprises.iter().map(|enterprise| self.side(enterprise, is_mapped));
        let seats = AcrossSeats::new(sides.collect::<Result<_>>()?);
        let (mut items, mut names) = (Vec::new(), Vec::new());
        if enterprises.len() > 1 {
            let links = self.links_across(moment.at, &enterprises, &seats)?;
            let all = directories.iter().flat_map(|it| &it.all).map(|it| it.snapshot);
            names.extend(all.map(|snapshot| (snapshot.source.name.clone(), snapshot.taken_at)));
            let keys = enterprises.iter().flat_map(|it| it.population.all_keys());
            items = self.store.with_words(keys, |words| {
                let search = SeatSearch { seats: &seats, words };
                let entries = match &directories {
                    Some(directories) => search.entries(directories, &enterprises)?,
                    None => Vec::new(),
                };
                Ok(people::across(&seats, words, entries, &links))
            })?;
        }
        Ok(AcrossFound { enterprises, seats, items, directories: names })
    }

    /// The seats of an enterprise, with the logins of its unmatched Server accounts. If a directory maps logins
    /// (`is_mapped`), the logins of all its Server accounts are included.
    fn side<'m>(&self, enterprise: &'m Enterprise<'m>, is_mapped: bool) -> Result<AcrossSide<'m>> {
        let Enterprise { population, matching, .. } = enterprise;
        let is_wanted = |account: AccountIx| is_mapped || matching.attached[account].is_none();
        let accounts = matching.accounts.enumerated().filter(|(number, _)| is_wanted(*number));
        let states = accounts.filter_map(|(number, account)| match account.origin {
            AccountOrigin::Own(index) => Some((number, population.server[index].state)),
            AccountOrigin::Cloud(_) => None,
        });
        let mut states: Vec<(AccountIx, StateId)> = states.collect();
        // In the order of the states (records), every page of the database is read once.
        states.sort_unstable_by_key(|(_, state)| *state);
        let mut logins = Strings::default();
        self.store.logins_each(&states, |account, login| {
            logins.put(account, &email::login_key(login));
        })?;
        let seats = people::seats(population, matching).into();
        Ok(AcrossSide { population, matching, seats, logins })
    }

    /// The declared links between accounts of two enterprises, as links between their seats.
    fn links_across(
        &self,
        at: Instant,
        enterprises: &[&Enterprise<'_>],
        seats: &AcrossSeats<'_>,
    ) -> Result<AcrossLinks> {
        let mut links = AcrossLinks::default();
        for link in self.links_at(at)? {
            let mut ends = Vec::new();
            for named in &link.ends {
                let mut own = Vec::new();
                for (side, enterprise) in seats.sides.indices().zip(enterprises) {
                    own.extend(self.linked_seat(at, (side, enterprise), seats, named)?);
                }
                // An account on the host `unknown` may belong to several enterprises. Then the link decides
                // nothing.
                ends.extend(own.first().copied().filter(|_| own.len() == 1));
            }
            let [one, other] = ends[..] else { continue };
            match link.says {
                LinkSays::OnePerson | LinkSays::Matched => {
                    if seats.side_of(one) != seats.side_of(other) {
                        links.add_one_person(one, other);
                    }
                }
                LinkSays::Apart | LinkSays::NotMatched => {
                    if one != other {
                        links.add_apart(one, other);
                    }
                }
                LinkSays::Nothing => {}
            }
        }
        Ok(links)
    }

    /// The seat of an account that a link is about, if the account has a seat in this enterprise.
    fn linked_seat(
        &self,
        at: Instant,
        (side, enterprise): (SideIx, &Enterprise<'_>),
        seats: &AcrossSeats<'_>,
        named: &LinkedAccount,
    ) -> Result<Option<AcrossIx>> {
        let population = &enterprise.population;
        match named {
            LinkedAccount::Cloud { source_id, identity } => {
                let same = self.same_source(*source_id);
                let Some(cloud) = enterprise.cloud.filter(|it| same.contains(&it.source_id)) else {
                    return Ok(None);
                };
                let row = match population.row_of(identity) {
                    Some(row) => Some(row),
                    None => {
                        let last = self.name_of_last(&cloud.source.name, identity, at)?;
                        population.row_of(&last)
                    }
                };
                Ok(row.and_then(|row| seats.seat_of_row(side, row)))
            }
            LinkedAccount::Server { host, .. } => {
                let host = self.host(host, at);
                let mut instances = population.instances.enumerated();
                let instance = instances
                    .find(|(_, it)| *it.host == *host && it.standing != Standing::Absent)
                    .map(|(index, _)| index);
                if instance.is_none() && host != UNKNOWN_HOST {
                    return Ok(None);
                }
                let end = LinkEnd::Server { instance, member: named.member() };
                let account = enterprise.account(&end);
                Ok(account.and_then(|account| seats.seat_of_account(side, account)))
            }
        }
    }
}

/// Looks up the entries of employee directories to which seats belong.
struct SeatSearch<'a> {
    seats: &'a AcrossSeats<'a>,
    words: &'a dyn StoredWords,
}

impl SeatSearch<'_> {
    /// The directory entries to which seats belong: the only entry of its directory that has an address or a
    /// mapped login of the seat. An address or login that names a role (such as `admin`) is left out.
    fn entries(
        &self,
        directories: &Directories<'_>,
        enterprises: &[&Enterprise<'_>],
    ) -> Result<Vec<SeatEntry>> {
        let digests = directories.digests_of_keys()?;
        let mut found = Vec::new();
        for (directory, number) in directories.all.iter().zip(0..) {
            let entries = &directory.entries;
            let mut known: HashSet<AcrossIx> = HashSet::new();
            for side in self.seats.sides.indices() {
                for (seat, own) in self.seats.seats_of(side) {
                    for key in self.seats.keys_of(side, own) {
                        let digest = digests.get(key).copied();
                        if digest.is_some_and(|it| entries.having(it).next().is_some()) {
                            known.insert(seat);
                        }
                        let entry = digest.and_then(|digest| entries.only(digest));
                        let entry = entry.filter(|_| tells_a_person(self.words.key_text(key)));
                        found.extend(entry.map(|entry| SeatEntry {
                            directory: number,
                            entry: entry.number(),
                            seat,
                            key: Some(key),
                        }));
                    }
                }
            }
            // A login that the directory maps counts only for a seat of which the directory has no address.
            let mut by_login = Vec::new();
            self.by_cloud_login(directories, (number, directory), &mut by_login);
            self.by_server_login(directories, (number, directory), enterprises, &mut by_login);
            by_login.retain(|it| !known.contains(&it.seat));
            found.extend(by_login);
        }
        Ok(found)
    }

    fn by_cloud_login(
        &self,
        directories: &Directories<'_>,
        (number, directory): (u32, &Directory<'_>),
        found: &mut Vec<SeatEntry>,
    ) {
        if !directory.entries.has_logins(DigestOf::CloudLogin) {
            return;
        }
        for side in self.seats.sides.indices() {
            for (seat, own) in self.seats.seats_of(side) {
                let login = self.seats.cloud_login(side, own);
                let entry = login.and_then(|login| directories.of_cloud_login(directory, login));
                found.extend(entry.map(|entry| SeatEntry {
                    directory: number,
                    entry: entry.number(),
                    seat,
                    key: None,
                }));
            }
        }
    }

    fn by_server_login(
        &self,
        directories: &Directories<'_>,
        (number, directory): (u32, &Directory<'_>),
        enterprises: &[&Enterprise<'_>],
        found: &mut Vec<SeatEntry>,
    ) {
        if !directory.entries.has_logins(DigestOf::ServerLogin) {
            return;
        }
        for (side, enterprise) in self.seats.sides.indices().zip(enterprises) {
            let instances = enterprise.population.instances.iter();
            let names: Vec<Vec<String>> =
                instances.map(|it| directories.names_of_host(directory, &it.host)).collect();
            let accounts = self.seats.seats_of(side);
            for (seat, account) in
                accounts.flat_map(|(seat, own)| own.accounts.iter().map(move |it| (seat, it)))
            {
                let login = self.seats.sides[side].logins.get(*account);
                let instance = enterprise.matching.accounts[*account].instance;
                let hosts = instance.and_then(|instance| names.get(instance.position()));
                let entry =
                    hosts.and_then(|hosts| directories.of_server_login(directory, hosts, login));
                found.extend(entry.map(|entry| SeatEntry {
                    directory: number,
                    entry: entry.number(),
                    seat,
                    key: None,
                }));
            }
        }
    }
}
