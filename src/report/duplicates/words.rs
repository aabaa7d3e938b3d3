//! The sentences of a finding: what each piece of evidence says, the nearest miss, and who can fix
//! it how (counting.md section 5). No reading here: everything is fetched already.

use serde::Serialize;

use super::teller::{CloudSide, ServerSide, Shown};
use crate::people::EvidenceCode;

/// Who can fix it, and how.
#[derive(Debug, Clone, Default, Serialize)]
pub(in crate::report) struct Fix {
    pub actor: &'static str,
    pub action: String,
}

impl Fix {
    /// Who, and what.
    pub fn told(&self) -> String {
        format!("{}: {}", self.actor.replace('-', " "), self.action)
    }
}

impl Shown {
    /// What this evidence says.
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
            EvidenceCode::SharedAddress => {
                format!("{key} is an address of both {account} and {other}")
            }
            EvidenceCode::SameLogin => {
                format!("{account} and {cloud} on Cloud have the same login")
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

/// What the sentences of a finding are made of.
pub(super) struct Told<'a> {
    /// The first of its evidence.
    pub best: Option<&'a Shown>,
    pub candidates: &'a [CloudSide],
    pub candidates_total: u64,
    /// Are the users managed by the identity provider (billing model `emu`)?
    pub managed: bool,
    pub certain: bool,
}

impl Told<'_> {
    /// Which address would have had to equal which.
    pub fn nearest_miss(&self) -> String {
        let Some(best) = self.best else { return String::new() };
        let Some(account) = &best.account else { return self.invited_again(best) };
        let here = primary_address(account);
        match (&best.cloud, &best.other) {
            (Some(cloud), _) if cloud.invited => format!(
                "the invitation to {} takes a license of its own until it is accepted; {here}",
                cloud.login
            ),
            (Some(_), _) if self.candidates_total > 1 => {
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

    fn invited_again(&self, best: &Shown) -> String {
        let address = best.key.as_deref().unwrap_or_default();
        let names: Vec<String> = self.candidates.iter().map(CloudSide::shown).collect();
        format!(
            "{address} is invited as a new person and is an address of {} on Cloud; the invitation \
             must be accepted by that account",
            names.join(" or ")
        )
    }

    /// Who can fix it, and how.
    pub fn fix(&self) -> Fix {
        let (actor, action) = self.ordinary_fix();
        if !self.managed {
            return Fix { actor, action };
        }
        let action =
            format!("in the identity provider or as the enterprise's administrator: {action}");
        Fix { actor: "identity-admin", action }
    }

    fn ordinary_fix(&self) -> (&'static str, String) {
        let Some(best) = self.best else { return ("owner", String::new()) };
        let invited = best.cloud.as_ref().filter(|cloud| cloud.invited);
        if let (Some(address), true) =
            (&best.key, best.account.is_none() || (invited.is_some() && self.candidates_total == 1))
        {
            let action = format!(
                "cancel the invitation to {address}; else it frees itself when it is accepted or \
                 after seven days"
            );
            return ("owner", action);
        }
        let Some(account) = &best.account else { return ("owner", String::new()) };
        let shown = account.shown();
        if self.candidates_total > 1 {
            let names: Vec<String> = self.candidates.iter().map(CloudSide::shown).collect();
            let names = names.join(" or ");
            let action = format!(
                "find out whether {shown} is {names}, and make that one's address primary for it"
            );
            return ("server-admin", action);
        }
        let doubt = if self.certain { "" } else { "if they are one person, " };
        match (&best.cloud, &best.other) {
            (Some(cloud), _) if best.code == EvidenceCode::VisualStudioEmail => {
                visual_studio_fix(account, cloud)
            }
            (Some(cloud), _) => {
                // A NameID need not be an address; only an address can be made primary.
                let known = best.cloud_key.iter().chain(&cloud.addresses);
                let matching = match best.code {
                    EvidenceCode::SecondaryEmail => best.key.as_ref(),
                    _ => known.into_iter().find(|it| it.contains('@')),
                };
                match (matching, &account.primary_email) {
                    (Some(address), _) => {
                        ("server-admin", format!("{doubt}make {address} primary for {shown}"))
                    }
                    (None, Some(address)) => (
                        "user",
                        format!("{doubt}verify {address} on the Cloud account {}", cloud.shown()),
                    ),
                    (None, None) => (
                        "server-admin",
                        format!("{doubt}give {shown} the primary address of {}", cloud.shown()),
                    ),
                }
            }
            (None, Some(other)) => match (&other.primary_email, &account.primary_email) {
                (Some(address), _) => {
                    ("server-admin", format!("make {address} primary for {shown}"))
                }
                (None, Some(address)) => {
                    ("server-admin", format!("make {address} primary for {}", other.shown()))
                }
                (None, None) => (
                    "server-admin",
                    format!("make one address primary for both {shown} and {}", other.shown()),
                ),
            },
            (None, None) => ("server-admin", format!("find out whose account {shown} is")),
        }
    }
}

/// The subscriber verifies the sign-in address; where the subscription is not the account's
/// license yet, the owner matches them by hand.
fn visual_studio_fix(account: &ServerSide, cloud: &CloudSide) -> (&'static str, String) {
    let address = account.primary_email.as_deref().unwrap_or("the sign-in address");
    let login = cloud.shown();
    if cloud.subscriber {
        ("user", format!("verify {address} on the Cloud account {login}"))
    } else {
        let by_hand = format!(
            "match the Visual Studio subscription of {address} to the Cloud account {login} by \
             hand, or have {login} verify {address}"
        );
        ("owner", by_hand)
    }
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
