//! The names of the demo's people, and the display names, logins and addresses that are spelled from them.
//!
//! This file maps the number of a slot to a name whose logins and addresses no other slot has. It may assume that
//! slots are numbered from 0. It must not keep anything for each person: every text is made when it is written.
//! It must not use random numbers: arithmetic makes the names unique.

use super::account::{DemoAddress, DemoLogin};
use super::name_tables::{FIRST, LAST, MARRIED};

/// The number by which a person's number is multiplied, so that neighbors get very different names. It has no
/// factor in common with the number of pairs of a first and a last name, so that every pair is used once before
/// any is used again.
const SCATTER: u64 = 9_271;

/// In each group of this many people, the last one has the same first and last name as the one before.
const NAMESAKE_EVERY: u64 = 40;

/// The name of one person. It is quickly made and has no text of its own.
#[derive(Clone, Copy, Debug)]
pub struct DemoName {
    slot: u64,
    first: &'static str,
    last: &'static str,
    married: &'static str,
    /// How many people with lower numbers have the same first and last name.
    namesakes_before: u64,
}

impl DemoName {
    /// The name of the person with the number `slot`. `seed` decides only which names come first.
    pub fn of(slot: u64, seed: u64) -> Self {
        let (firsts, lasts) = (FIRST.len() as u64, LAST.len() as u64);
        let pairs = firsts * lasts;
        let (group, place) = (slot / NAMESAKE_EVERY, slot % NAMESAKE_EVERY);
        let repeats_previous = place == NAMESAKE_EVERY - 1;
        let number = group * (NAMESAKE_EVERY - 1) + place.min(NAMESAKE_EVERY - 2);
        let pair = ((number % pairs) * SCATTER + seed % pairs) % pairs;
        DemoName {
            slot,
            first: entry(FIRST, pair % firsts),
            last: entry(LAST, pair / firsts),
            married: entry(MARRIED, slot),
            namesakes_before: 2 * (number / pairs) + u64::from(repeats_previous),
        }
    }

    /// The display name, with the birth name or (`married`) with the double name that the person took when they
    /// married.
    pub fn display_name(&self, married: bool) -> String {
        if married {
            format!("{} {}-{}", self.first, self.last, self.married)
        } else {
            format!("{} {}", self.first, self.last)
        }
    }

    /// The first name of the person.
    pub fn given_name(&self) -> &'static str {
        self.first
    }

    /// The last name: the birth name or (`married`) the double name that the person took when they married.
    pub fn surname(&self, married: bool) -> String {
        if married { format!("{}-{}", self.last, self.married) } else { self.last.to_owned() }
    }

    /// The text of one of the person's logins.
    pub fn login(&self, login: DemoLogin) -> String {
        match login {
            DemoLogin::Plain => self.hyphenated(),
            DemoLogin::Managed => format!("{}_octo", self.hyphenated()),
            DemoLogin::SecondEnterprise => format!("{}_octoemu", self.hyphenated()),
            DemoLogin::Renamed => format!("{}{}", ascii(self.first), self.slot),
            DemoLogin::Personnel => self.personnel_number(),
            DemoLogin::Junior => format!("{}-jr", self.hyphenated()),
            DemoLogin::JenkinsBot => format!("jenkins-bot-{}", self.slot),
            DemoLogin::DeployBot => format!("deploy-bot-{}", self.slot),
            DemoLogin::External => format!("ext-{}", self.slot),
        }
    }

    /// The text of one of the person's addresses.
    pub fn address(&self, address: DemoAddress) -> String {
        let last = ascii(self.last);
        match address {
            DemoAddress::Work => format!("{}@octo-corp.example", self.local_part(&last)),
            DemoAddress::Married => {
                let double_name = format!("{last}-{}", ascii(self.married));
                format!("{}@octo-corp.example", self.local_part(&double_name))
            }
            DemoAddress::Slip => {
                let misspelled = with_slip(&last, self.slot);
                format!("{}@octo-corp.example", self.local_part(&misspelled))
            }
            DemoAddress::LastFirst => format!("{last}.{}@octo-corp.example", self.numbered_first()),
            DemoAddress::PlusTag => format!("{}+ghes@octo-corp.example", self.local_part(&last)),
            DemoAddress::PersonnelNumber => {
                format!("{}@octo-corp.example", self.personnel_number())
            }
            DemoAddress::Junior => format!("{}.jr@octo-corp.example", self.local_part(&last)),
            DemoAddress::Mailbox => format!("ci-{}@octo-corp.example", self.slot),
            DemoAddress::VisualStudio => {
                format!("{}@octocorp.onmicrosoft.example", self.local_part(&last))
            }
            DemoAddress::Plant => format!("{}@plant.example", self.local_part(&last)),
            DemoAddress::Partner => format!("{}@partner.example", self.local_part(&last)),
            DemoAddress::Supplier => format!("staff.{}@supplier.example", self.slot),
            DemoAddress::SuppliersNamesake => {
                format!("{}@supplier.example", self.local_part(&last))
            }
            DemoAddress::Neighbor => {
                let doubled = last.chars().last().map_or_else(String::new, String::from);
                format!("{}@octo-corp.example", self.local_part(&format!("{last}{doubled}")))
            }
            DemoAddress::Family => format!("the.{last}s.{}@home.example", self.slot),
        }
    }

    /// The personnel number, by which the company's directory identifies the person.
    pub fn personnel_number(&self) -> String {
        format!("x{}", 100_000 + self.slot)
    }

    /// The part of an address before the `@`: `first.last`, for a namesake `first.m.last`, and for namesakes
    /// beyond the last letter of the alphabet `first.last27`.
    fn local_part(&self, last: &str) -> String {
        let first = ascii(self.first);
        match (self.namesakes_before, self.middle_initial()) {
            (0, _) => format!("{first}.{last}"),
            (_, Some(initial)) => format!("{first}.{initial}.{last}"),
            (number, None) => format!("{first}.{last}{number}"),
        }
    }

    fn hyphenated(&self) -> String {
        self.local_part(&ascii(self.last)).replace('.', "-")
    }

    fn numbered_first(&self) -> String {
        let first = ascii(self.first);
        match self.namesakes_before {
            0 => first,
            number => format!("{first}{number}"),
        }
    }

    fn middle_initial(&self) -> Option<char> {
        let number = u8::try_from(self.namesakes_before).ok()?;
        (1..26).contains(&number).then(|| char::from(b'a' + number))
    }
}

/// An address with capital letters, as some people write addresses: `Anna.Schmidt@octo-corp.example`.
pub fn capitalized(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let words: Vec<String> = local.split('.').map(capitalized_word).collect();
    format!("{}@{domain}", words.join("."))
}

fn capitalized_word(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// The element of a table with the number `number`. A number beyond the end of the table counts on from its
/// beginning.
pub fn entry(table: &[&'static str], number: u64) -> &'static str {
    let length = table.len().max(1) as u64;
    usize::try_from(number % length).ok().and_then(|place| table.get(place).copied()).unwrap_or("")
}

/// A name as directories spell it in addresses: in lower case and without accents.
fn ascii(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).map(without_accent).collect()
}

fn without_accent(letter: char) -> char {
    match letter {
        'á' | 'ą' => 'a',
        'ç' | 'ć' => 'c',
        'é' | 'ë' => 'e',
        'í' => 'i',
        'ó' | 'ö' | 'ø' => 'o',
        'ś' => 's',
        'ú' | 'ü' => 'u',
        other => other,
    }
}

/// A name in which two neighboring letters are swapped, a common typing error. `start` selects the letters.
fn with_slip(name: &str, start: u64) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let places = letters.len().saturating_sub(1) as u64;
    let place = (0..places)
        .filter_map(|step| usize::try_from((start + step) % places).ok())
        .find(|&place| letters.get(place) != letters.get(place + 1));
    if let Some(place) = place {
        letters.swap(place, place + 1);
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn scatter_shares_no_factor_with_the_pairs() {
        let pairs = (FIRST.len() * LAST.len()) as u64;
        let used: HashSet<u64> = (0..pairs).map(|number| number * SCATTER % pairs).collect();
        assert_eq!(used.len() as u64, pairs);
    }

    #[test]
    fn spelled_names_are_distinct_ascii_and_in_one_table_only() {
        let mut seen = HashSet::new();
        for name in FIRST.iter().chain(LAST).map(|name| ascii(name)) {
            assert!(name.bytes().all(|letter| letter.is_ascii_lowercase()), "{name}");
            assert!(seen.insert(name.clone()), "{name} twice");
        }
    }

    #[test]
    fn a_slip_changes_the_name_and_gives_nobody_elses() {
        let names: HashSet<String> = LAST.iter().map(|name| ascii(name)).collect();
        for name in &names {
            for start in 0..16 {
                let slip = with_slip(name, start);
                assert!(!names.contains(&slip), "{name} slips to {slip}");
            }
        }
    }

    #[test]
    fn no_two_people_share_an_address_or_a_login() {
        let addresses = [
            DemoAddress::Work,
            DemoAddress::Married,
            DemoAddress::Slip,
            DemoAddress::LastFirst,
            DemoAddress::PlusTag,
            DemoAddress::PersonnelNumber,
            DemoAddress::Junior,
            DemoAddress::Mailbox,
            DemoAddress::VisualStudio,
            DemoAddress::Plant,
            DemoAddress::Partner,
            DemoAddress::Supplier,
            DemoAddress::SuppliersNamesake,
            DemoAddress::Neighbor,
            DemoAddress::Family,
        ];
        let logins = [
            DemoLogin::Plain,
            DemoLogin::Managed,
            DemoLogin::SecondEnterprise,
            DemoLogin::Renamed,
            DemoLogin::Personnel,
            DemoLogin::Junior,
            DemoLogin::JenkinsBot,
            DemoLogin::DeployBot,
            DemoLogin::External,
        ];
        let mut seen = HashSet::new();
        for slot in (0..8_000).chain(1_180_000..1_184_000) {
            let identity = DemoName::of(slot, 7);
            for address in addresses {
                let text = identity.address(address);
                assert!(seen.insert(text.clone()), "{text} twice");
            }
            for login in logins {
                let text = identity.login(login);
                assert!(seen.insert(text.clone()), "{text} twice");
            }
        }
    }

    #[test]
    fn some_people_are_namesakes() {
        let (one, other) = (DemoName::of(38, 1), DemoName::of(39, 1));
        assert_eq!(one.display_name(false), other.display_name(false));
        assert_ne!(one.address(DemoAddress::Work), other.address(DemoAddress::Work));
    }
}
