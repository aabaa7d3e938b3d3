//! Writes the sentences of a finding: its evidence, its nearest miss and its fixes (counting.md section 5).
//! Nothing is read from the database here: `teller` has read the names and addresses before.

use serde::Serialize;

use super::sides::{CloudSide, ServerSide, Shown};
use crate::code::EvidenceCode;
use crate::table::{CellKind, Columns};

/// A fix in short form: who must act, and what to do.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Fix {
    pub actor: &'static str,
    pub action: String,
}

impl Fix {
    pub const COLUMNS: Columns = &[("actor", CellKind::Text), ("action", CellKind::Text)];
}

impl FullFix {
    /// The fix as a sentence that names the actor and the action.
    pub fn told(&self) -> String {
        format!("{}: {}", self.actor.replace('-', " "), self.action)
    }
}

impl Shown {
    /// The evidence as a sentence that names the accounts and addresses.
    pub fn detail(&self) -> String {
        let account = self.account.as_ref().map_or_else(String::new, ServerSide::shown);
        let cloud = self.cloud.as_ref().map_or_else(String::new, CloudSide::shown);
        let other = self.other.as_ref().map_or_else(String::new, ServerSide::shown);
        let key = self.key.as_deref().unwrap_or_default();
        let cloud_key = self.cloud_key.as_deref().unwrap_or_default();
        match self.code {
            EvidenceCode::Declared => match (&self.other, &self.cloud) {
                (Some(_), Some(_)) => format!(
                    "a link declares {account} and {other}, which is part of {cloud}'s seat, to be \
                     one person"
                ),
                (Some(_), None) => {
                    format!("a link declares {account} and {other} to be one person")
                }
                _ => format!("a link declares {account} and {cloud} on Cloud to be one person"),
            },
            EvidenceCode::SecondaryEmail => {
                format!("{key}, another address of {account}, is an address of {cloud} on Cloud")
            }
            EvidenceCode::LinkedBefore => {
                format!("a Cloud report has listed {account} as {cloud}'s")
            }
            EvidenceCode::VisualStudioEmail => format!(
                "{key}, the primary address of {account}, is {cloud}'s Visual Studio sign-in"
            ),
            EvidenceCode::SameDirectoryEntry => self.in_directory(),
            EvidenceCode::SharedAddress => {
                format!("{key} is an address of both {account} and {other}")
            }
            EvidenceCode::SameLogin => {
                format!("{account} and {cloud} on Cloud have the same login")
            }
            // A duplicate never has one of these two codes, because they are about seats of two enterprises
            // (directory.md section 4).
            EvidenceCode::SameIdentity | EvidenceCode::SameVisualStudio => {
                format!("{key} is an address of both {account} and {cloud} on Cloud")
            }
            EvidenceCode::PlusTag if key == cloud_key => {
                format!("{key} is an address of both {account} and {cloud} on Cloud")
            }
            EvidenceCode::PlusTag => format!(
                "{key}, an address of {account}, and {cloud_key}, an address of {cloud} on Cloud, \
                 are equal without their +tag"
            ),
            EvidenceCode::OtherDomain => format!(
                "{key}, an address of {account}, and {cloud_key}, an address of {cloud} on Cloud, \
                 differ in the domain only"
            ),
            EvidenceCode::SamlUsername => format!(
                "{cloud_key}, the SAML NameID of {cloud}, names {account}{}",
                if key.is_empty() { String::new() } else { format!(", known by {key}") }
            ),
            EvidenceCode::InvitedByEmail if self.account.is_some() => {
                format!("{key}, an address of {account}, has an invitation to Cloud pending")
            }
            EvidenceCode::InvitedByEmail => {
                format!("{key}, which has an invitation pending, is an address of {cloud} on Cloud")
            }
            EvidenceCode::SameName => {
                format!("{account} and {cloud} on Cloud have the same display name")
            }
            EvidenceCode::NearEmail => format!(
                "{key}, an address of {account}, is one slip apart from {cloud_key}, an address of \
                 {cloud} on Cloud"
            ),
        }
    }
}

impl Shown {
    /// The sentence that one entry of an employee directory has both accounts.
    fn in_directory(&self) -> String {
        let on_cloud = |cloud: &CloudSide| match cloud.invited {
            true => cloud.shown(),
            false => format!("{} on Cloud", cloud.shown()),
        };
        let is_invited = |cloud: &Option<CloudSide>| cloud.as_ref().is_some_and(|it| it.invited);
        let one = match (&self.account, &self.second) {
            (Some(account), _) => account.shown(),
            (None, second) => second.as_ref().map_or_else(String::new, on_cloud),
        };
        let other = match (&self.other, &self.cloud) {
            (Some(other), _) => other.shown(),
            (None, cloud) => cloud.as_ref().map_or_else(String::new, on_cloud),
        };
        let known = |key: &Option<String>, cloud: &Option<CloudSide>, of: &str| match key {
            Some(key) if is_invited(cloud) => format!("{key}, which has an invitation pending,"),
            Some(key) => format!("{key}, an address of {of},"),
            None => format!("the login of {of}"),
        };
        let subject = match (&self.key, &self.cloud_key) {
            (Some(key), Some(same)) if key == same => {
                format!("{key}, an address of both {one} and {other}, belongs")
            }
            (key, cloud_key) => format!(
                "{} and {} belong",
                known(key, &self.second, &one),
                known(cloud_key, &self.cloud, &other)
            ),
        };
        let directory = self.directory.as_ref();
        let of = directory.map(|(name, taken_at)| format!(" {name} of {taken_at}"));
        format!("{subject} to one entry of the directory{}", of.unwrap_or_default())
    }
}

/// A fix with the account and the address that it is about, so that it can stand in a list for its actor.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct FullFix {
    pub actor: &'static str,
    pub action: String,
    /// The instance on which to act; `None` if the fix is on Cloud.
    pub host: Option<String>,
    /// The login of the account that must change: a Server account, or a Cloud account if the fix is on Cloud.
    pub login: Option<String>,
    pub id: Option<String>,
    /// The address to make primary or to verify, or the address of the invitation to cancel. `None` if the
    /// account must be suspended.
    pub address: Option<String>,
}

impl FullFix {
    pub fn short(&self) -> Fix {
        Fix { actor: self.actor, action: self.action.clone() }
    }
}

/// One action of a fix, with names and addresses instead of numbers.
pub(super) enum ShownStep {
    Primary {
        account: ServerSide,
        address: String,
    },
    Verify {
        cloud: Option<CloudSide>,
        address: String,
    },
    Suspend {
        account: ServerSide,
    },
    /// Find out which of two Cloud accounts the person uses, and remove the other one from the enterprise.
    Keep {
        cloud: CloudSide,
        instead_of: CloudSide,
    },
    Cancel {
        invitation: String,
        organizations: Vec<String>,
    },
}

/// What the sentences of a finding are written from.
pub(super) struct FindingWords<'a> {
    /// The strongest evidence.
    pub best: Option<&'a Shown>,
    pub candidates: &'a [CloudSide],
    /// The only candidate that has the finding's own confidence; `None` if there are several or none.
    pub own: Option<&'a CloudSide>,
    /// Whether an entry of an employee directory connects two Cloud seats. If so, the identity admin must act.
    pub by_directory: bool,
    /// Whether the identity provider manages the accounts (billing model `emu`).
    pub managed: bool,
    pub certain: bool,
}

impl FindingWords<'_> {
    /// The nearest miss in a sentence: which address would have had to equal which one.
    pub fn nearest_miss(&self) -> String {
        let Some(best) = self.best else { return String::new() };
        let Some(account) = &best.account else { return self.on_cloud(best) };
        let here = primary_address(account);
        match (&best.cloud, &best.other) {
            (Some(cloud), _) if cloud.invited => format!(
                "the invitation to {} takes a license of its own until it is accepted; {here}",
                cloud.login
            ),
            (Some(_), _) if self.own.is_none() => {
                let known: Vec<String> = self.candidates.iter().map(known_by).collect();
                format!("{here}; Cloud knows {}; it must equal one of these", known.join(", "))
            }
            (Some(cloud), _) if cloud.addresses.is_empty() => {
                format!("{here}; Cloud shows no address of {} to compare it with", cloud.shown())
            }
            (Some(cloud), _) => {
                format!("{here}; Cloud knows {}; they must be equal", known_by(cloud))
            }
            (None, Some(other)) => {
                format!("{here}; {}; they must be equal", primary_address(other))
            }
            (None, None) => here,
        }
    }

    /// The nearest miss of a finding that is about two Cloud seats and no Server account.
    fn on_cloud(&self, best: &Shown) -> String {
        match (&best.cloud, &best.second) {
            (Some(cloud), Some(second)) if second.invited => format!(
                "{} is invited as a new person and belongs to the same employee as {} on Cloud; the \
                 invitation must be accepted by that account",
                second.login,
                cloud.shown()
            ),
            (Some(cloud), Some(second)) => format!(
                "{} and {} are two accounts on Cloud, and GitHub never takes two Cloud accounts for \
                 one person",
                cloud.shown(),
                second.shown()
            ),
            _ => self.invited_again(best),
        }
    }

    fn invited_again(&self, best: &Shown) -> String {
        let address = best.key.as_deref().unwrap_or_default();
        let names: Vec<String> = self.candidates.iter().map(CloudSide::shown).collect();
        format!(
            "{address} is invited as a new person and is an address of {} on Cloud; the invitation \
             must be accepted by that account",
            names.join(" or ")
        )
    }

    /// The fix for one step: the action in words, and the actor who can carry it out.
    pub fn fix(&self, step: &ShownStep, accounts: &[ServerSide]) -> FullFix {
        let doubt = if self.certain { "" } else { "if they are one person, " };
        let mut fix = match step {
            ShownStep::Primary { account, address } => FullFix {
                actor: "server-admin",
                action: format!("{doubt}make {address} primary for {}", account.shown()),
                host: Some(account.host.clone()),
                login: account.login.clone(),
                id: account.id.clone(),
                address: Some(address.clone()),
            },
            ShownStep::Verify { cloud, address } => FullFix {
                actor: "user",
                action: match cloud {
                    Some(cloud) => format!(
                        "{doubt}verify {address} on the Cloud account {}{}",
                        cloud.shown(),
                        self.by_hand(address)
                    ),
                    None => self.find_out(address, accounts),
                },
                login: cloud.as_ref().map(|cloud| cloud.login.clone()),
                address: Some(address.clone()),
                ..FullFix::default()
            },
            ShownStep::Suspend { account } => FullFix {
                actor: "server-admin",
                action: format!(
                    "{doubt}suspend {}: there is no address by which GitHub could match it",
                    account.shown()
                ),
                host: Some(account.host.clone()),
                login: account.login.clone(),
                id: account.id.clone(),
                address: None,
            },
            ShownStep::Keep { cloud, instead_of } => FullFix {
                actor: "identity-admin",
                action: format!(
                    "find out which of the Cloud accounts {} and {} the person uses, and remove the \
                     other from the enterprise",
                    cloud.shown(),
                    instead_of.shown()
                ),
                login: Some(instead_of.login.clone()),
                ..FullFix::default()
            },
            ShownStep::Cancel { invitation, organizations } => FullFix {
                actor: if self.by_directory { "identity-admin" } else { "owner" },
                action: cancel(invitation, organizations),
                address: Some(invitation.clone()),
                ..FullFix::default()
            },
        };
        if self.managed {
            fix.actor = "identity-admin";
            fix.action = format!(
                "in the identity provider or as the enterprise's administrator: {}",
                fix.action
            );
        }
        fix
    }

    /// The addition that the subscription can also be matched by hand; empty unless the evidence is a Visual
    /// Studio subscription.
    fn by_hand(&self, address: &str) -> String {
        match self.best {
            Some(best) if best.code == EvidenceCode::VisualStudioEmail => format!(
                ", or have the enterprise's owner match the Visual Studio subscription of {address} \
                 to it by hand"
            ),
            _ => String::new(),
        }
    }

    /// The action if it is not certain which Cloud account belongs to the person: find it out, then verify the
    /// address.
    fn find_out(&self, address: &str, accounts: &[ServerSide]) -> String {
        let shown = accounts.first().map_or_else(String::new, ServerSide::shown);
        // An address can be verified on an account, but not on an invitation.
        let accounts = self.candidates.iter().filter(|it| !it.invited);
        let names: Vec<String> = accounts.map(CloudSide::shown).collect();
        match names.as_slice() {
            [] => format!("verify {address} on the Cloud account of whoever has {shown}"),
            names => format!(
                "find out whether {shown} is {}, and verify {address} on that Cloud account",
                names.join(" or ")
            ),
        }
    }
}

fn cancel(invitation: &str, organizations: &[String]) -> String {
    let of = match organizations {
        [] => String::new(),
        [only] => format!(" of the organization {only}"),
        names => format!(" of the organizations {}", names.join(", ")),
    };
    format!(
        "cancel the invitation to {invitation}{of}; until it is accepted, canceled or expired it \
         takes a license"
    )
}

fn primary_address(account: &ServerSide) -> String {
    let ServerSide { host, login, .. } = account;
    match (&account.primary_email, login) {
        (Some(address), Some(login)) => format!("{login}'s primary address on {host} is {address}"),
        (Some(address), None) => format!("the primary address of {} is {address}", account.shown()),
        (None, _) => format!("no primary address of {} is known", account.shown()),
    }
}

fn known_by(cloud: &CloudSide) -> String {
    match cloud.addresses.as_slice() {
        [] => cloud.shown(),
        addresses => format!("{} by {}", cloud.shown(), addresses.join(" and ")),
    }
}
