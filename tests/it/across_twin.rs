//! A second, slow implementation of the rules about people with seats in several enterprises (directory.md section
//! 4), which compares every seat with every other one. Both must agree on random pairs of enterprises.

use std::collections::{BTreeMap, BTreeSet};

use crate::across::{DAY, Items, User, directory, items, pair, short, user};

/// A generator of pseudo-random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, count: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % count
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        let at = self.below(texts.len() as u64) as usize;
        texts[at]
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

const ADDRESSES: [&str; 9] = [
    "a@x.example",
    "b@x.example",
    "c@x.example",
    "d@x.example",
    "e@x.example",
    "f@x.example",
    "admin@x.example",
    "A@X.example",
    "g@x.example",
];
const LOGINS: [&str; 7] = ["ada", "bob", "cy", "dan", "eve", "admin", "fay"];
const SUFFIXES: [&str; 4] = ["", "", "_corp", "_eu"];
const NAMES: [&str; 7] = ["", "", "Ada L", "L, Ada", "Bob", "Cy", "Dan"];

fn users(random: &mut Random) -> Vec<User> {
    let mut users: BTreeMap<String, User> = BTreeMap::new();
    for _ in 0..1 + random.below(6) {
        let login = [random.pick(&LOGINS), random.pick(&SUFFIXES)].concat();
        let mut it = user(&login, "").named(random.pick(&NAMES));
        if random.one_in(2) {
            random.pick(&ADDRESSES).clone_into(&mut it.name_id);
        }
        if random.one_in(3) {
            it = it.verified(random.pick(&ADDRESSES));
        }
        if random.one_in(4) {
            it = it.signs_in(random.pick(&ADDRESSES));
        }
        users.insert(login, it);
    }
    users.into_values().collect()
}

/// The slow implementation: compares every seat with every other one, by texts.
mod naive {
    use super::{BTreeSet, Items, User};

    const ROLES: [&str; 1] = ["admin"];

    struct Seat<'u> {
        side: usize,
        user: &'u User,
        person: usize,
    }

    fn key(text: &str) -> String {
        text.trim().to_lowercase()
    }

    impl Seat<'_> {
        fn shown(&self) -> String {
            format!("{}:{}", ["classic", "managed"][self.side], self.user.login)
        }

        fn identities(&self) -> BTreeSet<String> {
            let all = [&self.user.name_id].into_iter().chain(&self.user.verified);
            all.map(|it| key(it)).filter(|it| !it.is_empty()).collect()
        }

        fn sign_in(&self) -> BTreeSet<String> {
            [key(&self.user.sign_in)].into_iter().filter(|it| !it.is_empty()).collect()
        }

        fn all(&self) -> BTreeSet<String> {
            &self.identities() | &self.sign_in()
        }

        fn logins(&self) -> BTreeSet<String> {
            let login = key(&self.user.login);
            let bare = login.rsplit_once('_').map(|(bare, _)| bare.to_owned());
            let all = bare.into_iter().chain([login]);
            all.filter(|it| !ROLES.contains(&it.as_str())).collect()
        }

        fn name(&self) -> String {
            let name = key(&self.user.name);
            match name.split_once(',') {
                Some((last, first)) => format!("{} {}", first.trim(), last.trim()),
                None => name,
            }
        }
    }

    /// The only candidates of two seats that are each other's, among the seats that `may` take part.
    fn one_to_one(
        seats: &[Seat<'_>],
        alike: impl Fn(&Seat<'_>, &Seat<'_>) -> bool,
        joined: &BTreeSet<usize>,
    ) -> Vec<(usize, usize)> {
        let candidates = |of: usize| -> Vec<usize> {
            (0..seats.len())
                .filter(|at| seats[*at].side != seats[of].side)
                .filter(|at| !joined.contains(at) && !joined.contains(&of))
                .filter(|at| alike(&seats[of], &seats[*at]))
                .collect()
        };
        let mut pairs = Vec::new();
        for one in 0..seats.len() {
            if let [other] = candidates(one)[..]
                && one < other
                && candidates(other) == [one]
            {
                pairs.push((one, other));
            }
        }
        pairs
    }

    pub fn items(sides: [&[User]; 2], entries: &[(&str, &[&str])]) -> Items {
        let mut seats: Vec<Seat<'_>> = Vec::new();
        for (side, users) in sides.into_iter().enumerate() {
            for user in users {
                let person = seats.len();
                seats.push(Seat { side, user, person });
            }
        }
        let is_no_evidence = |address: &String| {
            (0..2).any(|side| {
                let own = seats.iter().filter(|it| it.side == side);
                own.filter(|it| it.all().contains(address)).count() > 1
            })
        };
        let proves = |common: BTreeSet<String>| common.iter().any(|it| !is_no_evidence(it));
        let entry_of = |address: &String| {
            let has = |entry: &&(&str, &[&str])| entry.1.iter().any(|it| key(it) == *address);
            let having: Vec<_> = entries.iter().filter(has).collect();
            let role = address.split('@').next().is_some_and(|it| ROLES.contains(&it));
            match having[..] {
                [(id, _)] if !role && !is_no_evidence(address) => Some(*id),
                _ => None,
            }
        };
        let entries_of = |seat: &Seat<'_>| -> BTreeSet<&str> {
            seat.all().iter().filter_map(entry_of).collect()
        };
        let mut evidence: Vec<(usize, usize, &str)> = Vec::new();
        for one in 0..seats.len() {
            for other in one + 1..seats.len() {
                let (a, b) = (&seats[one], &seats[other]);
                if a.side == b.side {
                    continue;
                }
                if proves(&a.identities() & &b.identities()) {
                    evidence.push((one, other, "same-identity"));
                }
                if proves(&a.sign_in() & &b.sign_in()) {
                    evidence.push((one, other, "same-visual-studio"));
                }
                if !entries_of(a).is_disjoint(&entries_of(b)) {
                    evidence.push((one, other, "same-directory-entry"));
                }
            }
        }
        let join = |seats: &mut Vec<Seat<'_>>, one: usize, other: usize| {
            let (from, to) = (seats[one].person, seats[other].person);
            seats.iter_mut().filter(|it| it.person == from).for_each(|it| it.person = to);
        };
        let certain: BTreeSet<usize> =
            evidence.iter().flat_map(|(one, other, _)| [*one, *other]).collect();
        let by_login = |a: &Seat<'_>, b: &Seat<'_>| !a.logins().is_disjoint(&b.logins());
        let likely = one_to_one(&seats, by_login, &certain);
        let by_name = |a: &Seat<'_>, b: &Seat<'_>| !a.name().is_empty() && a.name() == b.name();
        let alike = one_to_one(&seats, by_name, &certain);
        for (one, other, _) in &evidence {
            join(&mut seats, *one, *other);
        }
        for &(one, other) in &likely {
            join(&mut seats, one, other);
            evidence.push((one, other, "same-login"));
        }
        let joined: BTreeSet<usize> =
            evidence.iter().flat_map(|(one, other, _)| [*one, *other]).collect();
        let mut items: Items = Vec::new();
        for &(one, other) in &alike {
            if likely.contains(&(one, other)) {
                evidence.push((one, other, "same-name"));
            } else if !joined.contains(&one) && !joined.contains(&other) {
                let mut both = vec![seats[one].shown(), seats[other].shown()];
                both.sort();
                items.push(("possible".into(), both, vec!["same-name".into()]));
            }
        }
        let persons: BTreeSet<usize> = joined.iter().map(|at| seats[*at].person).collect();
        for person in persons {
            let own = seats.iter().filter(|it| it.person == person);
            let mut shown: Vec<String> = own.map(Seat::shown).collect();
            shown.sort();
            let of_person = evidence.iter().filter(|it| seats[it.0].person == person);
            let codes: BTreeSet<String> = of_person.map(|it| it.2.to_owned()).collect();
            let confidence = if codes.contains("same-login") { "likely" } else { "certain" };
            items.push((confidence.into(), shown, codes.into_iter().collect()));
        }
        items.sort();
        items
    }
}

#[test]
fn a_slow_implementation_agrees_on_random_pairs_of_enterprises() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(usual)
    };
    let (cases, seed) = (number("ONESEAT_CASES", 200), number("ONESEAT_SEED", 1));
    let mut met: BTreeMap<String, u64> = BTreeMap::new();
    for case in 0..cases {
        let mut random = Random((seed << 32 | case).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        (0..8).for_each(|_| _ = random.below(2));
        let (classic, managed) = (users(&mut random), users(&mut random));
        let mut entries: Vec<Vec<&str>> = Vec::new();
        if random.one_in(2) {
            for _ in 0..1 + random.below(3) {
                let own = [(); 3].map(|()| random.pick(&ADDRESSES));
                entries.push(own.to_vec());
            }
        }
        let ids = ["1", "2", "3"];
        let entries: Vec<(&str, &[&str])> =
            ids.into_iter().zip(entries.iter().map(Vec::as_slice)).collect();
        let place = pair(&classic, &managed);
        if !entries.is_empty() {
            directory(&place, "hr", DAY, &entries);
        }
        let found = items(&place);
        let expected = naive::items([&classic, &managed], &entries);
        assert_eq!(short(&found), short(&expected), "case {case} of seed {seed}");
        for (confidence, seats, codes) in found {
            *met.entry(confidence).or_default() += 1;
            *met.entry(format!("{} seats", seats.len())).or_default() += 1;
            codes.into_iter().for_each(|code| *met.entry(code).or_default() += 1);
        }
    }
    for what in [
        "certain",
        "likely",
        "possible",
        "same-directory-entry",
        "same-identity",
        "same-visual-studio",
        "same-login",
        "same-name",
        "2 seats",
        "3 seats",
    ] {
        let count = met.get(what).copied().unwrap_or_default();
        assert!(count * 40 >= cases, "{what} came {count} times in {cases} cases: {met:?}");
    }
}
