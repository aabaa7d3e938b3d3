//! Finds the account to which a Visual Studio subscription probably belongs, by addresses, logins and display
//! names.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::unmatched::{AssignmentRequest, Body, Proposed, UnmatchedSubscription};
use crate::email;
use crate::model::Subscription;
use crate::name::folded;
use crate::people::{local_part, names_a_role, without_shortcode, without_tag};

/// A Cloud account that a Visual Studio subscription may belong to.
pub(super) struct Assignable {
    pub(super) login: String,
    pub(super) name: Option<String>,
    pub(super) keys: HashSet<String>,
    /// Is a subscription already matched with the account?
    pub(super) taken: bool,
}

pub(super) struct Matcher<'c> {
    pub(super) candidates: &'c [Assignable],
    pub(super) known: HashSet<&'c str>,
    pub(super) by_local: HashMap<&'c str, Vec<usize>>,
    pub(super) by_login: HashMap<String, Vec<usize>>,
    pub(super) by_name: HashMap<String, Vec<usize>>,
    /// The accounts, by every way in which their display name may be written before the `@` of an address. See
    /// `writings`.
    pub(super) by_words: HashMap<String, Vec<usize>>,
}

impl<'c> Matcher<'c> {
    pub(super) fn new(candidates: &'c [Assignable]) -> Matcher<'c> {
        let mut matcher = Matcher {
            candidates,
            known: HashSet::new(),
            by_local: HashMap::new(),
            by_login: HashMap::new(),
            by_name: HashMap::new(),
            by_words: HashMap::new(),
        };
        for (index, it) in candidates.iter().enumerate() {
            matcher.known.extend(it.keys.iter().map(String::as_str));
            if it.taken {
                continue;
            }
            let mut locals: Vec<&str> =
                it.keys.iter().map(|key| local_part(key)).filter(|it| !names_a_role(it)).collect();
            locals.sort_unstable();
            locals.dedup();
            for local in locals {
                matcher.by_local.entry(local).or_default().push(index);
            }
            let login = email::login_key(&it.login);
            let bare = without_shortcode(&login).map(str::to_owned);
            for login in bare.into_iter().chain([login]).filter(|it| !names_a_role(it)) {
                matcher.by_login.entry(login).or_default().push(index);
            }
            let name = folded(it.name.as_deref().unwrap_or_default());
            if !name.is_empty() {
                for writing in writings(&name) {
                    matcher.by_words.entry(writing).or_default().push(index);
                }
                matcher.by_name.entry(name).or_default().push(index);
            }
        }
        matcher
    }

    /// Does an account that takes a seat have an address with this key?
    pub(super) fn knows(&self, key: &str) -> bool {
        self.known.contains(key)
    }

    /// A subscription as `oneseat crosswalk` lists it, with the account that is proposed for it. `None` if the
    /// subscription already matches an account.
    pub(super) fn item(
        &self,
        enterprise: &str,
        subscription: Subscription,
    ) -> Option<UnmatchedSubscription> {
        let Subscription { id, address, name, level, username, .. } = subscription;
        let address = address.unwrap_or_default();
        let key = email::key(&address).unwrap_or_default();
        if username.is_some() || self.knows(&key) {
            return None;
        }
        let local = without_tag(local_part(&key));
        let folded_name = folded(name.as_deref().unwrap_or_default());
        let of = |found: Option<&Vec<usize>>| found.cloned().unwrap_or_default();
        let ways = [
            (of(self.by_local.get(local)), "likely", "the addresses have the same local part"),
            (
                of(self.by_login.get(local)),
                "likely",
                "the local part of the sign-in name is the login",
            ),
            (of(self.by_name.get(&folded_name)), "possible", "the display names are the same"),
            (
                self.named_as(local),
                "possible",
                "the local part of the sign-in name is the display name",
            ),
        ];
        let role = names_a_role(local);
        let mut several = false;
        let mut proposed: Option<(&Assignable, &'static str, &'static str)> = None;
        for (found, confidence, reason) in ways {
            several |= found.len() > 1;
            if let ([only], None, false) = (found.as_slice(), proposed, role) {
                proposed = Some((&self.candidates[*only], confidence, reason));
            }
        }
        let reason = match (&proposed, role, several) {
            (Some((_, _, reason)), _, _) => (*reason).to_owned(),
            (None, true, _) => "the sign-in name is a role, not a person's name".to_owned(),
            (None, false, true) => "several accounts resemble the subscription".to_owned(),
            (None, false, false) => "no account resembles the subscription".to_owned(),
        };
        let account = proposed.map(|(it, _, _)| it);
        Some(UnmatchedSubscription {
            enterprise: enterprise.to_owned(),
            account: account.map(|it| Proposed { login: it.login.clone(), name: it.name.clone() }),
            confidence: proposed.map(|(_, confidence, _)| confidence),
            body: account.map(|it| Body {
                visual_studio_subscription_email: address.clone(),
                username: it.login.clone(),
            }),
            request: account.and_then(|it| {
                Some(AssignmentRequest::assigning(enterprise, id.as_deref()?, &it.login))
            }),
            email: address,
            name,
            subscription_id: id,
            level,
            reason,
        })
    }

    /// The accounts whose display name may be written as `local`, the text before the `@` of an address.
    fn named_as(&self, local: &str) -> Vec<usize> {
        let mut words: Vec<String> =
            local.split(['.', '_', '-']).map(folded).filter(|it| !it.is_empty()).collect();
        words.sort_unstable();
        self.by_words.get(&words.join(" ")).cloned().unwrap_or_default()
    }
}

/// The ways in which a display name may be written before the `@` of an address. One has the words in
/// alphabetical order, as [`Matcher::named_as`] sorts them. The others have the words without spaces, with the
/// last name at the end or in front.
fn writings(name: &str) -> BTreeSet<String> {
    let mut words: Vec<&str> = name.split(|it: char| !it.is_alphanumeric()).collect();
    words.retain(|word| !word.is_empty());
    let mut writings = BTreeSet::from([words.concat()]);
    let last = usize::from(words.len() > 1);
    words.rotate_right(last);
    writings.insert(words.concat());
    words.sort_unstable();
    writings.insert(words.join(" "));
    writings.remove("");
    writings
}
