//! Finds the accounts that the user means by a text: a login, an address, a display name, `HOST:ID` or
//! `ENTERPRISE:LOGIN`.

use std::collections::BTreeSet;

use crate::email;
use crate::error::{Error, Result, quoted};
use crate::ledger::Seed;
use crate::ledger::UNKNOWN_HOST;
use crate::ledger::{Aliases, Enterprise, KnownSource, Ledger, Moment};
use crate::model::{Account, AccountIx, Instant, Member, RowIx, ServerIx, SourceKind, StateId};
use crate::people::AccountOrigin;
use crate::store::{AccountRef, LinkedAccount};

/// An account in force, by its number within its enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    /// A Cloud account or an invitation, by its row in the Cloud report.
    Row(RowIx),
    /// A Server account that its instance's own file states, or the list of Server accounts that GitHub got
    /// with the last sync.
    Own(ServerIx),
    /// A Server account that only Cloud rows list.
    Listed(AccountIx),
}

/// The accounts that the user may mean by a text.
#[derive(Debug, Default)]
pub(super) struct Sought {
    /// The accounts in force, each with the index of its enterprise in [`Moment::enterprises`].
    pub in_force: BTreeSet<(usize, Unit)>,
    /// Accounts that are stored, but are not in force at the as-of instant.
    pub gone: BTreeSet<AccountRef>,
}

/// The accounts that the user may mean by `text`: accounts in force at the moment, and accounts that were known
/// at any other time.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if `text` names no account, with similar names as a hint;
/// [`crate::error::ErrorKind::Usage`] if it names too many accounts; another error if the database cannot be
/// read.
pub(super) fn seek(ledger: &Ledger<'_>, moment: &Moment<'_>, text: &str) -> Result<Sought> {
    let seeker = Seeker { ledger, moment };
    let mut sought = Sought::default();
    let text = text.trim();
    let plain = text.strip_prefix("cloud:").or_else(|| text.strip_prefix("server:"));
    seeker.by_place(plain.unwrap_or(text), &mut sought)?;
    if sought.is_empty() {
        let called = ledger.store.accounts_with_login(text)?;
        not_too_many(&called, text)?;
        for known in called {
            seeker.add(known, &mut sought)?;
        }
    }
    if sought.is_empty() || text.contains('@') {
        seeker.by_address(text, &mut sought)?;
    }
    if sought.is_empty() {
        let called = ledger.store.accounts_with_name(text)?;
        not_too_many(&called, text)?;
        for known in called {
            seeker.add(known, &mut sought)?;
        }
    }
    if sought.is_empty() {
        return Err(nobody(ledger, text)?);
    }
    Ok(sought)
}

/// The accounts that the user may mean by `text`, as the starting points of a search that reads only a few
/// people. They include all accounts that [`seek`] looks for, in force or not, and accounts that only Cloud
/// rows list.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn seeds(ledger: &Ledger<'_>, at: Instant, text: &str) -> Result<Vec<Seed>> {
    let text = text.trim();
    let plain = text.strip_prefix("cloud:").or_else(|| text.strip_prefix("server:"));
    let mut seeds = Vec::new();
    if let Some((place, name)) = plain.unwrap_or(text).rsplit_once(':') {
        let hosts = HostNames::new(ledger, at, place);
        for known in &ledger.sources {
            let identity = match known.source.kind {
                SourceKind::Cloud => Account::identity_of_login(name),
                _ => Account::identity_of_id(name),
            };
            let is_enterprise = is_enterprise(ledger, known, place);
            if is_enterprise || hosts.mean_source(&known.source.name) {
                seeds.push(Seed::Known(AccountRef { source_id: known.id, identity }));
                if known.source.kind.is_instance() {
                    let identity = Account::identity_of_login(name);
                    seeds.push(Seed::Known(AccountRef { source_id: known.id, identity }));
                }
            }
        }
        let id = Member::new(name).to_string();
        let is_unknown = hosts.own == UNKNOWN_HOST;
        seeds.extend(hosts.names().map(|host| Seed::Listed(Some(host.to_owned()), id.clone())));
        seeds.extend(is_unknown.then_some(Seed::Listed(None, id)));
    }
    // A login, an address or a display name that too many accounts have is not searched further, so none of
    // these accounts becomes a starting point.
    let called = ledger.store.accounts_with_login(text)?;
    let key = email::key(text).map(|key| ledger.store.key_number(&key)).transpose()?.flatten();
    let with_key = key.map(|key| ledger.store.accounts_with_key(key)).transpose()?;
    let named = ledger.store.accounts_with_name(text)?;
    for known in [called, with_key.unwrap_or_default(), named] {
        if known.len() <= MOST_MEANT {
            seeds.extend(known.into_iter().map(Seed::Known));
        }
    }
    Ok(seeds)
}

/// The instances that a host name in the user's text may mean at an instant. One is the instance that has it as
/// its name or alias. Another is an instance of this very name, if files were imported for it before the name
/// became an alias.
struct HostNames {
    /// The name as the user wrote it, in lower case.
    own: String,
    /// The name that now counts for the instance with this name or alias.
    current: String,
    aliases: Aliases,
}

impl HostNames {
    fn new(ledger: &Ledger<'_>, at: Instant, name: &str) -> HostNames {
        let (own, aliases) = (name.to_lowercase(), ledger.aliases(at));
        let current = aliases.get(&own).unwrap_or(&own).clone();
        HostNames { own, current, aliases }
    }

    /// The names of the instances that the user may mean, each once.
    fn names(&self) -> impl Iterator<Item = &str> {
        let other = (self.own != self.current).then_some(self.own.as_str());
        std::iter::once(self.current.as_str()).chain(other)
    }

    /// May the user mean the instance that counts under the name `host` at the instant?
    fn mean_instance(&self, host: &str) -> bool {
        self.names().any(|name| name == host)
    }

    /// May the user mean the instance of which files were imported under the name `host`?
    fn mean_source(&self, host: &str) -> bool {
        host == self.own || self.aliases.get(host).map_or(host, String::as_str) == self.current
    }
}

/// Is `place` the present name or an earlier name of the enterprise `known`?
fn is_enterprise(ledger: &Ledger<'_>, known: &KnownSource, place: &str) -> bool {
    known.source.kind == SourceKind::Cloud
        && [known.source.name.as_str(), &known.first_name, ledger.name_that_counts(known)]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(place))
}

/// How many accounts a text may mean at most. The answer shows each of them with everything that resembles it.
/// For a login or an address that thousands of accounts share, it would be too long to read.
const MOST_MEANT: usize = 500;

fn not_too_many(known: &[AccountRef], text: &str) -> Result<()> {
    if known.len() <= MOST_MEANT {
        return Ok(());
    }
    let many = known.len();
    Err(Error::usage(format!("{many} accounts are called {}: too many to list", quoted(text)))
        .hint("name one account as HOST:ID or ENTERPRISE:LOGIN")
        .hint("`oneseat query` lists them: SELECT * FROM accounts WHERE login = :who OR name = :who, or FROM emails WHERE key = :who"))
}

impl Sought {
    fn is_empty(&self) -> bool {
        self.in_force.is_empty() && self.gone.is_empty()
    }

    /// The accounts, named as links name them: in the same way for every snapshot. An account in force comes
    /// with the index of its enterprise.
    pub fn named(
        &self,
        ledger: &Ledger<'_>,
        moment: &Moment<'_>,
    ) -> Vec<(Option<usize>, LinkedAccount)> {
        let in_force = self.in_force.iter().map(|(enterprise, unit)| {
            (Some(*enterprise), named(ledger, &moment.enterprises[*enterprise], *unit))
        });
        let aliases = ledger.aliases(moment.at);
        let gone = self.gone.iter().filter_map(|known| {
            let source = &ledger.sources.iter().find(|it| it.id == known.source_id)?.source;
            let identity = known.identity.clone();
            let named = match source.kind {
                SourceKind::Cloud => {
                    LinkedAccount::Cloud { source_id: first_of(ledger, known.source_id), identity }
                }
                // An instance may have several names, and all of them mean the same accounts
                // (counting.md section 2).
                _ => {
                    let host = aliases.get(&source.name).unwrap_or(&source.name);
                    LinkedAccount::Server { host: host.clone(), identity }
                }
            };
            Some((None, named))
        });
        in_force.chain(gone).collect()
    }
}

/// The id by which links name a source. A source that was renamed has several ids, and links use the lowest.
fn first_of(ledger: &Ledger<'_>, source_id: i64) -> i64 {
    ledger.same_source(source_id).first().copied().unwrap_or(source_id)
}

fn named(ledger: &Ledger<'_>, enterprise: &Enterprise<'_>, unit: Unit) -> LinkedAccount {
    let population = &enterprise.population;
    match unit {
        Unit::Row(row) => LinkedAccount::Cloud {
            source_id: enterprise.cloud.map_or(0, |cloud| first_of(ledger, cloud.source_id)),
            identity: population.identity(row).to_owned(),
        },
        Unit::Own(index) => {
            let account = &population.server[index];
            LinkedAccount::Server {
                host: population.instances[account.instance].host.to_string(),
                identity: Account::identity_of_member(&account.member),
            }
        }
        Unit::Listed(number) => LinkedAccount::Server {
            host: enterprise.host_of(number).to_owned(),
            identity: Account::identity_of_member(&enterprise.matching.accounts[number].member),
        },
    }
}

struct Seeker<'a> {
    ledger: &'a Ledger<'a>,
    moment: &'a Moment<'a>,
}

impl Seeker<'_> {
    /// Adds the accounts that the text names in the form `HOST:ID` or `ENTERPRISE:LOGIN`.
    fn by_place(&self, text: &str, sought: &mut Sought) -> Result<()> {
        let Some((place, name)) = text.rsplit_once(':') else { return Ok(()) };
        let hosts = HostNames::new(self.ledger, self.moment.at, place);
        for known in &self.ledger.sources {
            let identity = match known.source.kind {
                SourceKind::Cloud if is_enterprise(self.ledger, known, place) => {
                    Account::identity_of_login(name)
                }
                kind if kind.is_instance() && hosts.mean_source(&known.source.name) => {
                    Account::identity_of_id(name)
                }
                _ => continue,
            };
            let mut found = self.ledger.store.account(known.id, &identity)?;
            if found.is_none() && known.source.kind.is_instance() {
                // An account for which no file states an id is stored by its login, so the text may be a login
                // too.
                let by_login = Account::identity_of_login(name);
                found = self.ledger.store.account(known.id, &by_login)?;
            }
            if let Some(known) = found {
                self.add(known, sought)?;
            }
        }
        let member = Member::new(name);
        self.listed(sought, |enterprise, number| {
            hosts.mean_instance(enterprise.host_of(number))
                && enterprise.matching.accounts[number].member == member
        });
        self.by_id_of_another_file(&hosts, &member, sought);
        Ok(())
    }

    fn by_address(&self, text: &str, sought: &mut Sought) -> Result<()> {
        let Some(key) = email::key(text) else { return Ok(()) };
        let Some(number) = self.ledger.store.key_number(&key)? else { return Ok(()) };
        let called = self.ledger.store.accounts_with_key(number)?;
        not_too_many(&called, text)?;
        for known in called {
            self.add(known, sought)?;
        }
        self.listed(sought, |enterprise, account| {
            enterprise.matching.accounts[account].keys.contains(&number)
        });
        Ok(())
    }

    /// Adds the Server accounts that only Cloud rows list and for which `is_meant` returns true.
    fn listed(&self, sought: &mut Sought, is_meant: impl Fn(&Enterprise<'_>, AccountIx) -> bool) {
        for (index, enterprise) in self.moment.enterprises.iter().enumerate() {
            for (number, account) in enterprise.matching.accounts.enumerated() {
                if matches!(account.origin, AccountOrigin::Cloud(_)) && is_meant(enterprise, number)
                {
                    sought.in_force.insert((index, Unit::Listed(number)));
                }
            }
        }
    }

    /// Adds the accounts with the id `member` on an instance whose file in force states no ids. The id of such
    /// an account is known from another file that has the same login (counting.md section 2).
    fn by_id_of_another_file(&self, hosts: &HostNames, member: &Member, sought: &mut Sought) {
        for (index, enterprise) in self.moment.enterprises.iter().enumerate() {
            let population = &enterprise.population;
            for (number, account) in population.server.enumerated() {
                let instance = &population.instances[account.instance];
                if account.member == *member && hosts.mean_instance(&instance.host) {
                    sought.in_force.insert((index, Unit::Own(number)));
                }
            }
        }
    }

    /// Adds a stored account to the accounts in force or, if it is not in force, to the accounts that are gone.
    fn add(&self, known: AccountRef, sought: &mut Sought) -> Result<()> {
        let history = self.ledger.store.history(&known)?;
        let states: Vec<StateId> = history.iter().map(|held| held.state).collect();
        let enterprises = self.moment.enterprises.iter().enumerate();
        let mut found = enterprises.filter_map(|(index, enterprise)| {
            Some((index, self.unit(enterprise, &known, &states)?))
        });
        match found.next() {
            Some(found) => {
                sought.in_force.insert(found);
            }
            None => {
                sought.gone.insert(known);
            }
        }
        Ok(())
    }

    /// Finds a stored account among the accounts in force, by its identity or by one of its stored states. The
    /// states are needed because the file in force may lack the id by which the account is stored.
    fn unit(
        &self,
        enterprise: &Enterprise<'_>,
        known: &AccountRef,
        states: &[StateId],
    ) -> Option<Unit> {
        let population = &enterprise.population;
        let source = self.ledger.sources.iter().find(|it| it.id == known.source_id)?;
        if source.source.kind == SourceKind::Cloud {
            let same = self.ledger.same_source(known.source_id);
            enterprise.cloud.filter(|cloud| same.contains(&cloud.source_id))?;
            return population.row_of(&known.identity).map(Unit::Row);
        }
        let hosts = HostNames::new(self.ledger, self.moment.at, &source.source.name);
        let (host, identity) = (hosts.current.clone(), known.identity.clone());
        let member = LinkedAccount::Server { host, identity }.member();
        let mut accounts = population.server.enumerated();
        let found = accounts.find(|(_, account)| {
            (account.member == member || states.contains(&account.state))
                && hosts.mean_instance(&population.instances[account.instance].host)
        });
        found.map(|(index, _)| Unit::Own(index))
    }
}

/// The error that no account is meant by the text. Its hint suggests similar names.
fn nobody(ledger: &Ledger<'_>, text: &str) -> Result<Error> {
    let wanted = email::login_key(text);
    let most = 2.min(wanted.chars().count() / 3);
    let mut near: BTreeSet<(usize, String)> = BTreeSet::new();
    let mut key = String::new();
    ledger.store.each_name(&mut |name| {
        key.clear();
        email::add_login_key(&mut key, name);
        let distance = if wanted.len() >= 3 && key.starts_with(&wanted) {
            0
        } else if are_far(&wanted, &key, most) {
            return;
        } else {
            strsim::osa_distance(&wanted, &key)
        };
        if distance <= most {
            near.insert((distance, name.to_owned()));
            if near.len() > NEAR_NAMES {
                near.pop_last();
            }
        }
    })?;
    let names: Vec<&str> = near.iter().map(|(_, name)| name.as_str()).collect();
    let error = Error::nothing(format!("nobody is called {}", quoted(text)));
    Ok(match names.as_slice() {
        [] => error.hint(format!(
            "type a login, an address, a display name, HOST:ID or ENTERPRISE:LOGIN; HOST is \
             {UNKNOWN_HOST} if no report names the host"
        )),
        names => error.hint(format!("did you mean {}?", names.join(", "))),
    })
}

/// Do two words certainly differ by more than `most` edits? If so, they need not be compared letter by letter,
/// which saves almost all comparisons among a million names.
fn are_far(a: &str, b: &str, most: usize) -> bool {
    // One edit changes the length of a word by at most 1, and its set of letters by at most 2.
    let letters = |word: &str| word.bytes().fold(0u128, |set, byte| set | 1 << (byte & 127));
    a.is_ascii()
        && b.is_ascii()
        && (a.len().abs_diff(b.len()) > most
            || (letters(a) ^ letters(b)).count_ones() as usize > 2 * most)
}

/// How many similar names a hint suggests at most.
const NEAR_NAMES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_far_is_far() {
        let mut words = vec![String::new()];
        for length in 0..5 {
            let longest: Vec<String> =
                words.iter().filter(|it| it.len() == length).cloned().collect();
            let longer =
                longest.iter().flat_map(|it| ["a", "b", "c"].map(|end| format!("{it}{end}")));
            words.extend(longer);
        }
        let (mut far, mut near) = (0, 0);
        for (a, b) in words.iter().flat_map(|a| words.iter().map(move |b| (a, b))) {
            for most in 0..=2 {
                if are_far(a, b, most) {
                    assert!(strsim::osa_distance(a, b) > most, "{a} {b} {most}");
                    far += 1;
                } else {
                    near += 1;
                }
            }
        }
        assert!(far > 10_000 && near > 10_000, "{far} {near}");
        assert!(!are_far("åda", "adä", 2), "words outside ASCII are never far apart");
    }
}
