//! `oneseat duplicates`: the people who would take two licenses, why, and how to fix each
//! (interface.md section 3, counting.md section 5).

use serde::Serialize;

use super::moment::{Asked, Enterprise, Ledger};
use crate::error::Result;
use crate::model::{AddressKind, Instant, SourceKind};
use crate::people::{Certain, Confidence, EvidenceCode, Finding, Origin};
use crate::table::{Answer, Cell, Page, Table};

/// How many candidates a finding names.
const CANDIDATES: usize = 5;

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Duplicates {
    schema: &'static str,
    as_of: Instant,
    summary: Summary,
    items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Summary {
    certain: u64,
    likely: Option<u64>,
    possible: Option<u64>,
    licenses: u64,
}

/// One person who would take a license too many.
#[derive(Debug, Clone, Serialize)]
struct Item {
    confidence: &'static str,
    server_accounts: Vec<ServerSide>,
    cloud_account: Option<CloudSide>,
    other_server_accounts: Vec<ServerSide>,
    invitation: Option<String>,
    candidates: Vec<CloudSide>,
    candidates_total: u64,
    evidence: Vec<Proof>,
    nearest_miss: String,
    fix: Fix,
    since: Option<Instant>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct ServerSide {
    host: String,
    id: Option<String>,
    login: Option<String>,
    primary_email: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
struct CloudSide {
    login: String,
    name: Option<String>,
    /// The addresses that GitHub compares, NameID first; for the sentences, not for the answer.
    #[serde(skip)]
    addresses: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Proof {
    code: &'static str,
    detail: String,
}

#[derive(Debug, Clone, Serialize)]
struct Fix {
    actor: &'static str,
    action: String,
}

/// Answers the question.
///
/// # Errors
/// [`crate::error::Kind::Nothing`] if nothing is in force then; if the database cannot be read.
pub fn duplicates(ledger: &Ledger<'_>, asked: &Asked) -> Result<Duplicates> {
    if let Some(name) = &asked.enterprise {
        ledger.check_enterprise(name)?;
    }
    let at = ledger.instant(asked.as_of)?;
    let moment = ledger.moment(at, asked.enterprise.as_deref())?;
    let mut items = Vec::new();
    for enterprise in &moment.enterprises {
        let teller = Teller { ledger, enterprise };
        for finding in ledger.findings(at, enterprise)? {
            items.push(teller.item(&finding)?);
        }
    }
    let certain = items.len() as u64;
    let summary = Summary { certain, likely: None, possible: None, licenses: certain };
    Ok(Duplicates { schema: "oneseat.duplicates/1", as_of: at, summary, items })
}

/// Puts findings into words: fetches the names and addresses of what is printed.
struct Teller<'a> {
    ledger: &'a Ledger<'a>,
    enterprise: &'a Enterprise<'a>,
}

impl Teller<'_> {
    fn item(&self, finding: &Finding) -> Result<Item> {
        let group = &self.enterprise.matching.groups[finding.group as usize];
        let server_accounts = self.server_sides(&group.accounts)?;
        let other_server_accounts = self.server_sides(&finding.others)?;
        let shown = finding.candidates.iter().take(CANDIDATES);
        let candidates: Vec<CloudSide> =
            shown.map(|row| self.cloud_side(*row)).collect::<Result<_>>()?;
        let cloud_account = match candidates.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        let evidence = self.in_order(&finding.evidence)?;
        let best = evidence.first();
        let account = match best {
            Some(evidence) => self.server_side(evidence.account)?,
            None => ServerSide::default(),
        };
        let key = match best.and_then(|evidence| evidence.key) {
            Some(key) => Some(self.ledger.store.key_text(key)?),
            None => None,
        };
        let code = best.map_or(EvidenceCode::SharedAddress, |evidence| evidence.code);
        let other = other_server_accounts.first();
        let told = Told { code, account: &account, cloud: candidates.first(), other, key };
        Ok(Item {
            confidence: finding.confidence.name(),
            nearest_miss: told.nearest_miss(),
            fix: told.fix(),
            evidence: self.proofs(&evidence)?,
            server_accounts,
            cloud_account,
            other_server_accounts,
            invitation: None,
            candidates,
            candidates_total: finding.candidates.len() as u64,
            since: None,
        })
    }

    /// Evidence with addresses in the order of their texts: the numbers of keys tell the order of
    /// arrival, which must never show in an answer.
    fn in_order(&self, evidence: &[Certain]) -> Result<Vec<Certain>> {
        let mut texts = Vec::with_capacity(evidence.len());
        for it in evidence {
            let text = it.key.map(|key| self.ledger.store.key_text(key)).transpose()?;
            texts.push((it.code, it.row, it.account, it.other, text, it));
        }
        texts.sort();
        Ok(texts.into_iter().map(|(.., it)| it.clone()).collect())
    }

    fn server_sides(&self, accounts: &[u32]) -> Result<Vec<ServerSide>> {
        accounts.iter().map(|account| self.server_side(*account)).collect()
    }

    fn server_side(&self, number: u32) -> Result<ServerSide> {
        let Enterprise { population, matching, .. } = self.enterprise;
        let account = &matching.accounts[number as usize];
        let host = account.instance.map(|it| &*population.instances[it as usize].host);
        let (kind, state, address_kind) = match account.origin {
            Origin::Own(index) => {
                let state = population.server[index as usize].state;
                (SourceKind::Server, state, AddressKind::Primary)
            }
            Origin::Cloud(row) => {
                (SourceKind::Cloud, population.cloud[row as usize].state, AddressKind::Server)
            }
        };
        let printed = self.ledger.store.printed(kind, state)?;
        let id = account.member.to_string();
        let addresses = printed.addresses.into_iter();
        let primary = addresses.filter(|(kind, _)| *kind == address_kind).map(|(_, text)| text);
        let known = kind == SourceKind::Server && !printed.login.is_empty();
        Ok(ServerSide {
            host: host.unwrap_or("unknown").to_owned(),
            id: (!id.is_empty()).then_some(id),
            login: known.then_some(printed.login),
            primary_email: primary.into_iter().next(),
        })
    }

    fn cloud_side(&self, row: u32) -> Result<CloudSide> {
        let state = self.enterprise.population.cloud[row as usize].state;
        let printed = self.ledger.store.printed(SourceKind::Cloud, state)?;
        let compared = [AddressKind::NameId, AddressKind::Verified];
        let mut addresses: Vec<(AddressKind, String)> = printed.addresses;
        addresses.retain(|(kind, _)| compared.contains(kind));
        addresses.sort();
        Ok(CloudSide {
            login: printed.login,
            name: printed.name,
            addresses: addresses.into_iter().map(|(_, text)| text).collect(),
        })
    }

    fn proofs(&self, evidence: &[Certain]) -> Result<Vec<Proof>> {
        let mut proofs = Vec::new();
        for it in evidence {
            let account = self.server_side(it.account)?.shown();
            let key = match it.key {
                Some(key) => self.ledger.store.key_text(key)?,
                None => String::new(),
            };
            let cloud = match it.row {
                Some(row) => self.cloud_side(row)?.login,
                None => String::new(),
            };
            let other = match it.other {
                Some(other) => self.server_side(other)?.shown(),
                None => String::new(),
            };
            let detail = match it.code {
                EvidenceCode::SecondaryEmail => {
                    format!(
                        "{key}, another address of {account}, is an address of {cloud} on Cloud"
                    )
                }
                EvidenceCode::LinkedBefore => {
                    format!("a Cloud report has listed {account} as {cloud}'s")
                }
                EvidenceCode::VisualStudioEmail => {
                    format!(
                        "{key}, the primary address of {account}, is {cloud}'s Visual Studio sign-in"
                    )
                }
                EvidenceCode::SharedAddress => {
                    format!("{key} is an address of both {account} and {other}")
                }
            };
            proofs.push(Proof { code: it.code.name(), detail });
        }
        Ok(proofs)
    }
}

impl ServerSide {
    /// `LOGIN on HOST`, as sentences name an account.
    fn shown(&self) -> String {
        match (&self.login, &self.id) {
            (Some(login), _) => format!("{login} on {}", self.host),
            (None, Some(id)) => format!("account {id} on {}", self.host),
            (None, None) => format!("an account on {}", self.host),
        }
    }

    fn primary(&self) -> &str {
        self.primary_email.as_deref().unwrap_or("not known")
    }
}

/// What the sentences of a finding are made of.
struct Told<'a> {
    code: EvidenceCode,
    account: &'a ServerSide,
    cloud: Option<&'a CloudSide>,
    other: Option<&'a ServerSide>,
    /// The address that both sides have, where the evidence is one.
    key: Option<String>,
}

impl Told<'_> {
    /// Which address would have had to equal which.
    fn nearest_miss(&self) -> String {
        let account = self.account;
        let here = format!("the primary address of {} is {}", account.shown(), account.primary());
        match (self.cloud, self.other) {
            (Some(cloud), _) if cloud.addresses.is_empty() => {
                format!("{here}; Cloud shows no address of {} to compare it with", cloud.login)
            }
            (Some(cloud), _) => {
                let known = cloud.addresses.join(" and ");
                format!("{here}; Cloud knows {} by {known}; they must be equal", cloud.login)
            }
            (None, Some(other)) => format!(
                "{here}, that of {} is {}; they must be equal",
                other.shown(),
                other.primary()
            ),
            (None, None) => here,
        }
    }

    /// Who can fix it, and how.
    fn fix(&self) -> Fix {
        let account = self.account.shown();
        match (self.code, self.cloud, self.other) {
            (EvidenceCode::VisualStudioEmail, Some(cloud), _)
            | (EvidenceCode::LinkedBefore, Some(cloud), _)
                if self.code == EvidenceCode::VisualStudioEmail || cloud.addresses.is_empty() =>
            {
                let address = self.account.primary();
                let action = format!("verify {address} on the Cloud account {}", cloud.login);
                Fix { actor: "user", action }
            }
            (_, Some(cloud), _) => {
                let known = self.key.as_deref().or(cloud.addresses.first().map(String::as_str));
                let address = known.unwrap_or("the address that Cloud knows");
                Fix {
                    actor: "server-admin",
                    action: format!("make {address} primary for {account}"),
                }
            }
            (_, None, Some(other)) => {
                let address = other.primary();
                Fix {
                    actor: "server-admin",
                    action: format!("make {address} primary for {account}"),
                }
            }
            (_, None, None) => Fix {
                actor: "server-admin",
                action: format!("find out whose account {account} is"),
            },
        }
    }
}

impl Answer for Duplicates {
    const LIST: Option<&'static str> = Some("items");

    fn example() -> Duplicates {
        let item = Item {
            confidence: Confidence::Certain.name(),
            server_accounts: Vec::new(),
            cloud_account: Some(CloudSide::default()),
            other_server_accounts: Vec::new(),
            invitation: None,
            candidates: Vec::new(),
            candidates_total: 0,
            evidence: Vec::new(),
            nearest_miss: String::new(),
            fix: Fix { actor: "user", action: String::new() },
            since: None,
        };
        Duplicates {
            schema: "oneseat.duplicates/1",
            as_of: Instant::default(),
            summary: Summary::default(),
            items: vec![item],
        }
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Sure", "Server account", "Cloud account", "Who", "Fix"]);
        for item in &self.items {
            let servers: Vec<String> = item.server_accounts.iter().map(ServerSide::shown).collect();
            let others = item.other_server_accounts.iter().map(ServerSide::shown);
            let cloud = match (&item.cloud_account, item.candidates.len()) {
                (Some(cloud), _) => cloud.login.clone(),
                (None, 0) => format!("(same as {})", others.collect::<Vec<_>>().join(", ")),
                (None, _) => {
                    let logins: Vec<&str> =
                        item.candidates.iter().map(|it| it.login.as_str()).collect();
                    logins.join(" or ")
                }
            };
            table.rows.push(vec![
                item.confidence.into(),
                servers.join("\n").into(),
                cloud.into(),
                item.fix.actor.into(),
                item.fix.action.as_str().into(),
            ]);
        }
        let licenses: Cell = self.summary.licenses.into();
        let closing = match &licenses {
            Cell::Integer(0) => "Nobody certainly takes two licenses.".to_owned(),
            Cell::Integer(count) => format!(
                "{count} licenses too many. Hand out the fixes; the next sync and the next import \
                 show which have worked. `--json` has the evidence for each."
            ),
            _ => String::new(),
        };
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page {
            headline: format!("People who would take two licenses, as of {}", self.as_of),
            tables,
            closing: vec![closing],
        }
    }
}
