//! Likenesses between two seats: the likely and possible rows of counting.md section 5's table, pair by pair.
//! It must not know about groups, counts or confidence.

use super::cloud::Row;
use super::server::Account;
use super::words;
use std::collections::BTreeSet;

/// Section 5, "Role words are no evidence below certain".
const ROLE_WORDS: &str = "admin, administrator, root, info, contact, support, help, helpdesk, service, svc, bot, \
                          build, builds, ci, cd, deploy, release, jenkins, test, tests, demo, dev, devops, ops, \
                          team, office, sales, noreply, no-reply, mail, postmaster, webmaster, git, github, user, \
                          guest";

/// Section 5: whether a login or local part is a role word once its `+tag`, and digits and `-_.` at its ends,
/// are removed.
pub fn is_role(text: &str) -> bool {
    let mut letters: Vec<char> = without_tag(text).chars().collect();
    let goes = |letter: Option<&char>| letter.is_some_and(|it| "0123456789-_.".contains(*it));
    while goes(letters.first()) {
        letters.remove(0);
    }
    while goes(letters.last()) {
        letters.pop();
    }
    let bare: String = letters.into_iter().collect();
    ROLE_WORDS.split(", ").any(|word| word == bare)
}

/// The text before and after the last `@`.
fn split(address: &str) -> Option<(String, String)> {
    let at = address.rfind('@')?;
    Some((address[..at].to_owned(), address[at + 1..].to_owned()))
}

fn without_tag(local: &str) -> String {
    match local.find('+') {
        Some(plus) if plus > 0 => local[..plus].to_owned(),
        _ => local.to_owned(),
    }
}

/// Whether an address may be evidence below certain: it is no role address, and not in `users.noreply.*`.
pub fn tells(address: &str) -> bool {
    match split(address) {
        Some((local, domain)) => !is_role(&local) && !domain.starts_with("users.noreply."),
        None => !is_role(address),
    }
}

/// The addresses of a Cloud account that are compared.
fn compared(row: &Row) -> BTreeSet<String> {
    row.name_id.iter().chain(&row.verified).cloned().collect()
}

/// The likely codes that tie a Server account with these addresses to a Cloud account.
pub fn likely(account: &Account, addresses: &BTreeSet<String>, row: &Row) -> Vec<&'static str> {
    let mut codes = Vec::new();
    let (ours, theirs) = (account.login.to_lowercase(), row.login.to_lowercase());
    let managed = theirs.rfind('_').map(|at| theirs[..at].to_owned());
    if !ours.is_empty() && !is_role(&ours) && (ours == theirs || Some(&ours) == managed.as_ref()) {
        codes.push("same-login");
    }
    for our in addresses.iter().filter(|address| tells(address)) {
        for their in compared(row).iter().filter(|address| tells(address)) {
            let (Some((our_local, our_domain)), Some((their_local, their_domain))) =
                (split(our), split(their))
            else {
                continue;
            };
            if our_domain == their_domain && without_tag(&our_local) == without_tag(&their_local) {
                codes.push("plus-tag");
            }
            if our_domain != their_domain && our_local == their_local {
                codes.push("other-domain");
            }
        }
    }
    if let Some(name_id) = row.name_id.as_ref().filter(|name_id| tells(name_id)) {
        let username = split(name_id).map_or(name_id.clone(), |(local, _)| local);
        let locals = addresses.iter().filter(|address| tells(address)).filter_map(|it| split(it));
        let mut names: Vec<String> = locals.map(|(local, _)| local).collect();
        names.push(ours);
        if names.contains(&username) {
            codes.push("saml-username");
        }
    }
    codes
}

/// The possible codes that tie a Server account with these addresses to a Cloud account.
pub fn possible(account: &Account, addresses: &BTreeSet<String>, row: &Row) -> Vec<&'static str> {
    let mut codes = Vec::new();
    let name = plain_name(&account.name);
    if !name.is_empty() && name == plain_name(&row.name) {
        codes.push("same-name");
    }
    for our in addresses.iter().filter(|address| tells(address)) {
        for their in compared(row).iter().filter(|address| tells(address)) {
            if let (Some((our_local, our_domain)), Some((their_local, their_domain))) =
                (split(our), split(their))
                && our_domain == their_domain
                && near(&our_local, &their_local)
            {
                codes.push("near-email");
            }
        }
    }
    codes
}

/// Section 5, same-name: the name without case, accents and runs of spaces, with "Last, First" turned round.
fn plain_name(name: &str) -> String {
    // A word of absence is no name.
    if words::names_nobody(name) {
        return String::new();
    }
    let accents =
        [("á", "a"), ("å", "a"), ("é", "e"), ("ö", "o"), ("\u{301}", ""), ("\u{30a}", "")];
    let mut plain = name.to_lowercase();
    for (accented, letter) in accents {
        plain = plain.replace(accented, letter);
    }
    if let Some((last, first)) = plain.clone().split_once(',') {
        plain = format!("{first} {last}");
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Section 5, near-email: whether one slip turns one local part into the other.
fn near(one: &str, other: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if a.len() < 5 || b.len() < 5 || a == b {
        return false;
    }
    let mut slips: Vec<Vec<char>> = Vec::new();
    for place in 0..a.len() {
        let mut less = a.clone();
        less.remove(place);
        slips.push(less);
        for letter in &b {
            let mut changed = a.clone();
            changed[place] = *letter;
            slips.push(changed);
        }
        if place + 1 < a.len() {
            let mut swapped = a.clone();
            swapped.swap(place, place + 1);
            slips.push(swapped);
        }
    }
    for place in 0..=a.len() {
        for letter in &b {
            let mut more = a.clone();
            more.insert(place, *letter);
            slips.push(more);
        }
    }
    slips.contains(&b) || one.replace(['.', '-'], "") == other.replace(['.', '-'], "")
}
