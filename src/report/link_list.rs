//! `oneseat links`: lists the declared links, and whether each link decides anything. This file also finds
//! the two accounts that a new link is about (interface.md section 5, counting.md section 8).

use serde::Serialize;

use super::basis::known_on_told;
use super::who::seek;
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::ledger::{AsOf, Asked, Enterprise, Ledger, Moment};
use crate::model::{Account, AccountIx, AddressKind, Instant, LinkEnd, LinkSays, RowIx};
use crate::people::MatchRule;
use crate::store::{DeclaredLink, LinkedAccount};
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, Table};

/// What `oneseat links` answers: the declared links, each with whether it decides anything.
#[derive(Debug, Clone, Serialize)]
pub struct LinkList {
    schema: &'static str,
    as_of: Option<Instant>,
    known_on: Option<Instant>,
    items: Vec<LinkItem>,
}

#[derive(Debug, Clone, Serialize)]
struct LinkItem {
    id: i64,
    says: &'static str,
    a: End,
    b: End,
    reason: Option<String>,
    valid_from: Option<Instant>,
    declared_at: Instant,
    standing: &'static str,
    detail: String,
}

impl LinkItem {
    const COLUMNS: Columns = &[
        ("id", CellKind::Whole),
        ("says", CellKind::Text),
        ("a", CellKind::Object(End::COLUMNS)),
        ("b", CellKind::Object(End::COLUMNS)),
        ("reason", CellKind::Text),
        ("valid_from", CellKind::Text),
        ("declared_at", CellKind::Instant),
        ("standing", CellKind::Text),
        ("detail", CellKind::Text),
    ];
}

/// One of the two accounts that a link is about, as `oneseat links` prints it.
#[derive(Debug, Clone, Serialize)]
struct End {
    kind: &'static str,
    source: String,
    login: Option<String>,
    id: Option<String>,
}

impl End {
    const COLUMNS: Columns = &[
        ("kind", CellKind::Text),
        ("source", CellKind::Text),
        ("login", CellKind::Text),
        ("id", CellKind::Text),
    ];
}

/// Whether a link decides anything at an instant: a word that never changes, for scripts, and a sentence, for
/// people.
type Standing = (&'static str, String);

/// The links that are in force at the as-of instant, and whether each of them decides anything.
///
/// # Errors
/// If the database cannot be read.
pub fn links(ledger: &Ledger<'_>, asked: &Asked) -> Result<LinkList> {
    let at = match ledger.instant(asked.as_of) {
        Ok(at) => Some(at),
        Err(error) if error.kind == ErrorKind::Nothing && asked.as_of == AsOf::Latest => None,
        Err(error) => return Err(error),
    };
    let moment = at.map(|at| ledger.moment(at, None)).transpose()?;
    let holding = ledger.links_at(at.unwrap_or_default())?;
    let items = holding.into_iter().map(|link| item(ledger, moment.as_ref(), link));
    let items = items.collect::<Result<_>>()?;
    Ok(LinkList { schema: "oneseat.links/1", as_of: at, known_on: ledger.known_on, items })
}

fn item(ledger: &Ledger<'_>, moment: Option<&Moment<'_>>, link: &DeclaredLink) -> Result<LinkItem> {
    let (standing, detail) = match moment {
        Some(moment) => standing(ledger, moment, link)?,
        None => not_there(),
    };
    Ok(LinkItem {
        id: link.id,
        says: link.says.name(),
        a: shown(ledger, &link.ends[0]),
        b: shown(ledger, &link.ends[1]),
        reason: link.reason.clone(),
        valid_from: link.valid_from,
        declared_at: link.declared_at,
        standing,
        detail,
    })
}

fn shown(ledger: &Ledger<'_>, end: &LinkedAccount) -> End {
    let identity = end.identity();
    let login = Account::login_of_identity(identity).map(str::to_owned);
    match end {
        LinkedAccount::Cloud { source_id, .. } => {
            let source = ledger.sources.iter().find(|known| known.id == *source_id);
            let source = source.map(|known| known.source.name.clone()).unwrap_or_default();
            let unnamed = login.is_none().then(|| identity.to_owned());
            End { kind: "cloud", source, login, id: unnamed }
        }
        LinkedAccount::Server { host, .. } => {
            let id = Account::id_of_identity(identity).map(str::to_owned);
            End { kind: "server", source: host.clone(), login, id }
        }
    }
}

fn not_there() -> Standing {
    ("not-there", "one account is missing or is not counted at this instant".to_owned())
}

fn standing(ledger: &Ledger<'_>, moment: &Moment<'_>, link: &DeclaredLink) -> Result<Standing> {
    for enterprise in &moment.enterprises {
        let links = enterprise.population.links.iter();
        let mut same = links.filter(|it| it.id == link.id);
        if let Some(found) = same.next() {
            return Ok(match &found.ends {
                [LinkEnd::Cloud(row), LinkEnd::Server { .. }] => {
                    let account = enterprise.account(&found.ends[1]);
                    account.map_or_else(not_there, |it| with_cloud(enterprise, link.says, it, *row))
                }
                [LinkEnd::Server { .. }, LinkEnd::Cloud(row)] => {
                    let account = enterprise.account(&found.ends[0]);
                    account.map_or_else(not_there, |it| with_cloud(enterprise, link.says, it, *row))
                }
                [one, other] => match (enterprise.account(one), enterprise.account(other)) {
                    (Some(one), Some(other)) => between(enterprise, link.says, one, other),
                    _ if matches!(one, LinkEnd::Cloud(_)) => holds(),
                    _ => not_there(),
                },
            });
        }
    }
    if !ledger.is_across(moment, link)? {
        return Ok(not_there());
    }
    Ok(match link.says {
        LinkSays::OnePerson | LinkSays::Matched => (
            "evidence",
            "the accounts belong to two enterprises: `oneseat across` counts them".into(),
        ),
        LinkSays::Apart | LinkSays::NotMatched | LinkSays::Nothing => holds(),
    })
}

fn holds() -> Standing {
    ("holds", "what the two accounts have in common does not count as evidence".to_owned())
}

fn with_cloud(
    enterprise: &Enterprise<'_>,
    says: LinkSays,
    account: AccountIx,
    row: RowIx,
) -> Standing {
    let Enterprise { population, matching, .. } = enterprise;
    let (rule, attached) = (matching.rule[account], matching.attached[account]);
    let it = &population.cloud[row];
    if !population.takes_seat(it) {
        return ("not-there", "the Cloud account takes no seat".to_owned());
    }
    match says {
        LinkSays::Matched if rule == Some(MatchRule::Manual) && attached == Some(row) => {
            ("decides", "the Server account is counted as part of the Cloud account".to_owned())
        }
        LinkSays::Matched => {
            ("not-needed", "another link decides about the Server account".to_owned())
        }
        LinkSays::OnePerson if attached == Some(row) => {
            ("not-needed", "GitHub matches the two accounts by itself".to_owned())
        }
        LinkSays::OnePerson if attached.is_some() => {
            ("contradicted", "the Server account is matched with another Cloud account".to_owned())
        }
        LinkSays::OnePerson => ("evidence", "the two accounts take two licenses".to_owned()),
        LinkSays::NotMatched if would_match(enterprise, account, row) => {
            ("decides", "without this link the two accounts would be matched".to_owned())
        }
        LinkSays::NotMatched => ("not-needed", "no rule matches the accounts anyway".to_owned()),
        LinkSays::Apart if attached == Some(row) => {
            ("contradicted", "GitHub matches the accounts, so they are counted as one".to_owned())
        }
        LinkSays::Apart | LinkSays::Nothing => holds(),
    }
}

fn between(
    enterprise: &Enterprise<'_>,
    says: LinkSays,
    one: AccountIx,
    other: AccountIx,
) -> Standing {
    let matching = &enterprise.matching;
    if matches!(says, LinkSays::Apart | LinkSays::NotMatched) {
        return holds();
    }
    let attached = |account: AccountIx| matching.attached[account];
    let together = matching
        .groups
        .iter()
        .any(|group| group.accounts.contains(&one) && group.accounts.contains(&other));
    match (attached(one), attached(other)) {
        _ if together => ("not-needed", "the accounts share one address and one seat".to_owned()),
        (Some(row), Some(its)) if row == its => {
            ("not-needed", "both accounts are matched with the same Cloud account".to_owned())
        }
        (Some(_), Some(_)) => {
            ("contradicted", "the accounts are matched with two Cloud accounts".to_owned())
        }
        _ => ("evidence", "the two accounts take two licenses".to_owned()),
    }
}

/// Would rule a, b or c match the Server account with the Cloud account of `row`, if there were no link
/// (counting.md section 4)?
fn would_match(enterprise: &Enterprise<'_>, account: AccountIx, row: RowIx) -> bool {
    let population = &enterprise.population;
    let it = &enterprise.matching.accounts[account];
    let row = &population.cloud[row];
    let mut addresses = population.addresses(&row.addresses).iter();
    let compared = [AddressKind::NameId, AddressKind::Verified];
    addresses.any(|address| compared.contains(&address.kind) && it.keys.contains(&address.key))
        || population.listed(row).any(|listed| {
            *listed.member == it.member
                && (listed.instance.is_none() || listed.instance == it.instance)
        })
}

/// The two accounts of a link that the texts `a` and `b` name. Where the texts fit several pairs, a pair of a
/// Cloud account and a Server account comes before a pair of two Server accounts.
///
/// # Errors
/// [`ErrorKind::Nothing`] if a text names no account, or if no link between the accounts can be removed;
/// [`ErrorKind::Usage`] if the texts may name several pairs, or only accounts that a link cannot connect.
pub fn pair(ledger: &Ledger<'_>, a: &str, b: &str, says: LinkSays) -> Result<[LinkedAccount; 2]> {
    let at = ledger.instant(AsOf::Latest)?;
    let moment = ledger.moment(at, None)?;
    let of = |text: &str| -> Result<Vec<(Option<usize>, LinkedAccount)>> {
        Ok(seek(ledger, &moment, text)?.named(ledger, &moment))
    };
    let (ones, others) = (of(a)?, of(b)?);
    let mut pairs: Vec<(u8, [LinkedAccount; 2])> = Vec::new();
    for (its, one) in &ones {
        for (theirs, other) in &others {
            let cross = its.is_some() && theirs.is_some() && its != theirs;
            let servers =
                [one, other].iter().filter(|it| matches!(it, LinkedAccount::Server { .. })).count();
            // GitHub merges accounts of one enterprise only. A link between two enterprises is evidence for
            // `across` (counting.md section 8).
            let possible = match says {
                LinkSays::OnePerson => servers > 0 || cross,
                LinkSays::Matched => servers == 1 && !cross,
                LinkSays::NotMatched => !cross,
                LinkSays::Apart | LinkSays::Nothing => true,
            };
            if one != other && possible {
                // Of the pairs that the texts may name, a pair within one enterprise comes first. Then a pair
                // of accounts in force comes before a pair with an account that is gone. Then a pair of a Cloud
                // account and a Server account comes before any other pair.
                let gone = u8::from(its.is_none()) + u8::from(theirs.is_none());
                let mut ends = [one.clone(), other.clone()];
                ends.sort();
                pairs.push((4 * u8::from(cross) + 2 * gone + u8::from(servers != 1), ends));
            }
        }
    }
    pairs.sort();
    pairs.dedup();
    if says == LinkSays::Nothing {
        pairs.retain(|(_, ends)| ledger.links.is_linked(ends));
        if pairs.is_empty() {
            return Err(Error::nothing(format!(
                "there is no link between {} and {}",
                quoted(a),
                quoted(b)
            ))
            .hint("`oneseat links` lists all links"));
        }
    }
    let best = pairs.first().map(|(rank, _)| *rank);
    pairs.retain(|(rank, _)| Some(*rank) == best);
    match pairs.as_slice() {
        [(_, only)] => Ok(only.clone()),
        [] => Err(Error::usage(format!("a link cannot connect {} and {}", quoted(a), quoted(b)))
            .hint(match says {
                LinkSays::Matched => {
                    "name a Server account and a Cloud account of the same enterprise"
                }
                LinkSays::NotMatched => {
                    "GitHub merges accounts of one enterprise only: leave --not-matched-by-github off"
                }
                _ => {
                    "name two accounts of one enterprise, at least one of them a Server account, or two \
                     accounts of two enterprises"
                }
            })),
        several => {
            let ends = several.iter().flat_map(|(_, ends)| ends);
            let mut names: Vec<String> = ends.map(told(ledger)).collect();
            names.sort();
            names.dedup();
            Err(Error::usage(format!(
                "{} and {} may name several pairs of accounts",
                quoted(a),
                quoted(b)
            ))
            .hint(format!(
                "name the accounts as HOST:ID or ENTERPRISE:LOGIN: {}",
                names.join(", ")
            )))
        }
    }
}

/// A function that writes an account as `HOST:ID` or `ENTERPRISE:LOGIN`, as the user types it.
fn told<'l>(ledger: &'l Ledger<'_>) -> impl Fn(&'l LinkedAccount) -> String {
    move |named| {
        let end = shown(ledger, named);
        format!("{}:{}", end.source, end.id.or(end.login).unwrap_or_default())
    }
}

impl Answer for LinkList {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = LinkItem::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().collect()
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["#", "One", "Other", "Says", "Now", "Why", "From"]);
        for item in &self.items {
            let end = |end: &End| {
                let name = end.id.as_deref().or(end.login.as_deref()).unwrap_or_default();
                format!("{}:{name}", end.source)
            };
            table.rows.push(vec![
                item.id.into(),
                end(&item.a).into(),
                end(&item.b).into(),
                item.says.into(),
                format!("{}: {}", item.standing, item.detail).into(),
                item.reason.clone().into(),
                item.valid_from.map_or("always".to_owned(), |from| from.to_string()).into(),
            ]);
        }
        let idle = self.items.iter();
        let idle =
            idle.filter(|it| ["not-there", "not-needed", "contradicted"].contains(&it.standing));
        let idle: Vec<String> = idle.map(|item| format!("#{}", item.id)).collect();
        let closing = match (self.items.is_empty(), idle.as_slice()) {
            (true, _) => {
                "No links are declared. `oneseat links add A B --reason TEXT` adds a link.".into()
            }
            (false, []) => "Every link decides something.".to_owned(),
            (false, idle) => format!(
                "These links decide nothing now: {}. `oneseat links remove A B` takes a link \
                 back.",
                idle.join(", ")
            ),
        };
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page { headline: "Declared links".to_owned(), tables, closing: vec![closing] }
    }
}
