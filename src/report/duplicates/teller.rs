//! Reads the names and addresses with which findings are printed. Each account is read once.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::duplicate::{Duplicate, Proof};
use super::fixes::FixStep;
use super::sides::{CloudSide, ServerSide, Shown};
use super::words::{FindingWords, FullFix, ShownStep};
use crate::email;
use crate::error::Result;
use crate::ledger::{Enterprise, Ledger};
use crate::model::{
    AccountIx, AddressKind, BillingModel, Instant, KeyId, RowIx, RowKind, SourceKind,
};
use crate::people::{Evidence, Finding};
use crate::report::concerned::Concerned;

/// Reads the names and addresses that are printed about the findings of an enterprise, and keeps them, so that
/// each account is read once.
pub(super) struct FindingDetails<'a> {
    ledger: &'a Ledger<'a>,
    enterprise: &'a Enterprise<'a>,
    servers: RefCell<HashMap<AccountIx, ServerSide>>,
    clouds: RefCell<HashMap<RowIx, CloudSide>>,
}

impl<'a> FindingDetails<'a> {
    pub fn new(ledger: &'a Ledger<'a>, enterprise: &'a Enterprise<'a>) -> FindingDetails<'a> {
        FindingDetails {
            ledger,
            enterprise,
            servers: RefCell::default(),
            clouds: RefCell::default(),
        }
    }

    /// A finding as it is printed. The fields `since`, `status`, `fixed_at` and `how` are filled in later.
    pub fn item(&self, finding: &Finding, steps: &[FixStep]) -> Result<Duplicate> {
        let matching = &self.enterprise.matching;
        let group = finding.group.map(|group| &matching.groups[group]);
        let accounts = group.map_or(&[][..], |group| &group.accounts);
        let server_accounts = self.server_sides(accounts)?;
        let other_server_accounts = self.server_sides(&finding.others)?;
        let candidates: Vec<CloudSide> =
            finding.candidates.iter().map(|row| self.cloud_side(*row)).collect::<Result<_>>()?;
        let own = finding.own.map(|row| self.cloud_side(row)).transpose()?;
        let invitation = match finding.invitation {
            Some(row) => Some(self.cloud_side(row)?.login),
            None => None,
        };
        let evidence: Vec<Shown> =
            finding.evidence.iter().map(|it| self.evidence(it)).collect::<Result<_>>()?;
        let told = FindingWords {
            best: evidence.first(),
            candidates: &candidates,
            own: own.as_ref(),
            by_directory: finding.group.is_none()
                && finding.confidence == crate::people::Confidence::Certain,
            managed: self.enterprise.population.billing == BillingModel::Emu,
            certain: finding.confidence == crate::people::Confidence::Certain,
        };
        let steps: Vec<ShownStep> =
            steps.iter().map(|step| self.step(*step)).collect::<Result<_>>()?;
        let fixes: Vec<FullFix> =
            steps.iter().map(|step| told.fix(step, &server_accounts)).collect();
        let fix = fixes.first().map(FullFix::short).unwrap_or_default();
        Ok(Duplicate {
            confidence: finding.confidence.name(),
            level: finding.confidence,
            nearest_miss: told.nearest_miss(),
            fix,
            fixes,
            evidence: evidence
                .iter()
                .map(|it| Proof { code: it.code, detail: it.detail() })
                .collect(),
            server_accounts,
            cloud_account: own.filter(|it| !it.invited),
            other_server_accounts,
            invitation,
            candidates,
            candidates_total: finding.candidates_total,
            since: None,
            status: None,
            became_certain: false,
            fixed_at: None,
            how: None,
            about: Concerned {
                enterprise: Concerned::key_of(self.enterprise),
                // The candidates come first, then the finding's own row, that of the invitation, and the second.
                rows: finding
                    .candidates
                    .iter()
                    .copied()
                    .chain([finding.own, finding.invitation, finding.second].into_iter().flatten())
                    .collect(),
                accounts: accounts.iter().chain(&finding.others).copied().collect(),
            },
        })
    }

    /// The text of a key, if it is an address. A NameID that is no address cannot be proposed by a fix.
    pub fn address(&self, key: KeyId) -> Option<String> {
        self.ledger.store.key_text(key).ok().filter(|text| text.contains('@'))
    }

    fn step(&self, step: FixStep) -> Result<ShownStep> {
        let address = |key: KeyId| self.ledger.store.key_text(key);
        Ok(match step {
            FixStep::Primary { account, key } => {
                ShownStep::Primary { account: self.server_side(account)?, address: address(key)? }
            }
            FixStep::Verify { row, key } => ShownStep::Verify {
                cloud: row.map(|row| self.cloud_side(row)).transpose()?,
                address: address(key)?,
            },
            FixStep::Suspend { account } => {
                ShownStep::Suspend { account: self.server_side(account)? }
            }
            FixStep::Keep { row, instead_of } => ShownStep::Keep {
                cloud: self.cloud_side(row)?,
                instead_of: self.cloud_side(instead_of)?,
            },
            FixStep::Cancel { row } => ShownStep::Cancel {
                invitation: self.cloud_side(row)?.login,
                organizations: self.invited_by(row)?,
            },
        })
    }

    /// The organizations to which somebody was invited by e-mail.
    fn invited_by(&self, row: RowIx) -> Result<Vec<String>> {
        let state = self.enterprise.population.cloud[row].state;
        let stored = self.ledger.record(state)?;
        let record = stored.read()?;
        let names = record.get("github_com_orgs_with_pending_invites").map(|it| it.items());
        Ok(names.into_iter().flatten().map(str::to_owned).collect())
    }

    pub fn proofs(&self, evidence: &[Evidence]) -> Result<Vec<Proof>> {
        let proof = |it: &Evidence| {
            let shown = self.evidence(it)?;
            Ok(Proof { code: shown.code, detail: shown.detail() })
        };
        evidence.iter().map(proof).collect()
    }

    fn evidence(&self, it: &Evidence) -> Result<Shown> {
        let text = |key: Option<KeyId>| key.map(|key| self.ledger.store.key_text(key)).transpose();
        let server = |number: Option<AccountIx>| number.map(|it| self.server_side(it)).transpose();
        Ok(Shown {
            code: it.code,
            account: server(it.account)?,
            cloud: it.row.map(|row| self.cloud_side(row)).transpose()?,
            second: it.second.map(|row| self.cloud_side(row)).transpose()?,
            other: server(it.other)?,
            key: text(it.key)?,
            cloud_key: text(it.cloud_key)?,
            directory: it.directory.and_then(|it| self.directory(it.snapshot)),
        })
    }

    /// The name of the employee directory that a snapshot is of, and the time of the snapshot.
    fn directory(&self, snapshot: i64) -> Option<(String, Instant)> {
        let found = self.ledger.snapshots.iter().find(|it| it.id == snapshot);
        found.map(|it| (it.source.name.clone(), it.taken_at))
    }

    fn server_sides(&self, accounts: &[AccountIx]) -> Result<Vec<ServerSide>> {
        accounts.iter().map(|account| self.server_side(*account)).collect()
    }

    fn server_side(&self, number: AccountIx) -> Result<ServerSide> {
        if let Some(known) = self.servers.borrow().get(&number) {
            return Ok(known.clone());
        }
        let Enterprise { population, matching, .. } = self.enterprise;
        let account = &matching.accounts[number];
        let host = account.instance.map(|it| &*population.instances[it].host);
        let kind = self.enterprise.kind_of(number);
        let own = kind.is_instance();
        let address_kind = if own { AddressKind::Primary } else { AddressKind::Server };
        let printed = self.ledger.store.printed(kind, self.enterprise.state_of(number))?;
        let id = account.member.to_string();
        let addresses = printed.addresses.into_iter();
        let primary = addresses.filter(|(kind, _)| *kind == address_kind).map(|(_, text)| text);
        let known = own && !printed.login.is_empty();
        let side = ServerSide {
            host: host.unwrap_or("unknown").to_owned(),
            id: (!id.is_empty()).then_some(id),
            login: known.then_some(printed.login),
            primary_email: primary.into_iter().next(),
        };
        self.servers.borrow_mut().insert(number, side.clone());
        Ok(side)
    }

    fn cloud_side(&self, row: RowIx) -> Result<CloudSide> {
        if let Some(known) = self.clouds.borrow().get(&row) {
            return Ok(known.clone());
        }
        let it = &self.enterprise.population.cloud[row];
        let printed = self.ledger.store.printed(SourceKind::Cloud, it.state)?;
        let compared = [AddressKind::NameId, AddressKind::Verified];
        let mut addresses: Vec<(AddressKind, String)> = printed.addresses;
        addresses.retain(|(kind, _)| compared.contains(kind));
        addresses.sort();
        // The NameID is often one of the verified addresses too, and is then shown once.
        let mut keys = HashSet::new();
        addresses.retain(|(_, text)| keys.insert(email::key(text)));
        let side = CloudSide {
            login: printed.login,
            name: printed.name,
            addresses: addresses.into_iter().map(|(_, text)| text).collect(),
            invited: it.row == RowKind::Invited,
        };
        self.clouds.borrow_mut().insert(row, side.clone());
        Ok(side)
    }
}
