//! `rehearse` foretells consumption. The test rehearses a Server file, then imports it with the next report
//! that GitHub makes after the sync (`github`), and consumption must be as foretold. Nothing else changes in
//! between, the file of every other instance is as new as its last change, and no account takes over the
//! address of another one of the same person (a report does not state which address is whose). `ONESEAT_CASES`
//! and `ONESEAT_SEED` ask for more and for others.

use std::collections::BTreeMap;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::common::Place;
use crate::github::{Account, GitHub, Person};
use crate::random_history::cases;
use crate::random_history::files::instant;

const CASES: u32 = 60;
/// In this many cases, everything must have occurred this often. In fewer cases, once.
const COVERED: (u32, u64) = (1000, 20);
const HOSTS: [&str; 2] = ["ghes2.corp.example", "ghes1.corp.example"];
const ADDRESSES: [&str; 7] = [
    "ada@corp.example",
    "Ada@Corp.example",
    "ada@old.example",
    "bob@corp.example",
    "eve@plant.example",
    "kim@labs.example",
    "zoe@else.example",
];
const DAY: i64 = 86_400;
/// 2026-03-02T08:00:00Z.
const FIRST_INSTANT: i64 = 1_772_438_400;
const OCCURRENCES: [&str; 9] = [
    "more licenses",
    "fewer licenses",
    "as many licenses",
    "matched",
    "unmatched",
    "several files",
    "one instance synced of two",
    "known through Cloud only before",
    "something matched by what no report shows",
];

type Seen = BTreeMap<&'static str, u64>;
type Instances = BTreeMap<String, Vec<Account>>;

#[test]
fn what_is_rehearsed_comes_true() {
    let mut seen = Seen::new();
    let first = std::env::var("ONESEAT_SEED").ok().and_then(|it| it.parse().ok()).unwrap_or(1u64);
    let cases = u64::from(cases(CASES));
    for seed in first..first + cases {
        World::random(seed).foretell(&mut seen);
    }
    eprintln!("{seen:#?}");
    let least = if cases < u64::from(COVERED.0) { 1 } else { COVERED.1 };
    for what in OCCURRENCES {
        let times = seen.get(what).copied().unwrap_or_default();
        assert!(times >= least, "{what} occurred {times} times");
    }
    let left_out = seen.get("left out").copied().unwrap_or_default();
    assert!(left_out * 10 <= cases, "{left_out} of {cases} cases are left out");
}

/// An enterprise with the true state of its instances, GitHub, and the program's database about both.
struct World {
    seed: u64,
    rng: ChaCha8Rng,
    place: Place,
    now: i64,
    truth: Instances,
    github: GitHub,
    /// Whether an instance takes part in syncs.
    connected: BTreeMap<String, bool>,
    /// Whether sync statuses are imported.
    with_status: bool,
    told: Vec<String>,
}

impl World {
    /// One or two weeks with reports about everything.
    fn random(seed: u64) -> World {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let hosts = &HOSTS[..rng.random_range(1..=2)];
        let mut world = World {
            seed,
            place: Place::new(),
            now: FIRST_INSTANT,
            truth: Instances::new(),
            github: GitHub::default(),
            connected: hosts.iter().map(|it| ((*it).to_owned(), rng.random_bool(0.85))).collect(),
            with_status: hosts.len() == 2 && rng.random_bool(0.4),
            told: Vec::new(),
            rng,
        };
        for number in 0..world.rng.random_range(2..=5) {
            let login = format!("user-{number}");
            let person = world.person(login);
            world.github.people.push(person);
        }
        world.github.others = vec![
            json!({"github_com_login": "guest@else.example", "github_com_user": false}),
            json!({"github_com_login": "", "visual_studio_subscription_user": true,
                "visual_studio_subscription_email": "vic@ms.example"}),
        ];
        let fileless = hosts.len() == 1 && world.rng.random_bool(0.3);
        for round in 0..world.rng.random_range(1..=2) {
            for host in hosts {
                let changes = round == 0 || world.rng.random_bool(0.6);
                if changes {
                    world.change(host);
                }
                if !fileless && (changes || world.rng.random_bool(0.3)) {
                    world.import_server(host);
                }
            }
            if round > 0 && world.rng.random_bool(0.5) {
                let which = world.rng.random_range(0..world.github.people.len());
                world.github.people[which] = world.person(format!("user-{which}"));
            }
            let synced: Vec<&str> =
                hosts.iter().copied().filter(|it| world.connected[*it]).collect();
            world.now += DAY;
            world.sync(&synced);
            world.merge_by_something_else();
            world.import_report();
            world.now += 6 * DAY;
        }
        world
    }

    fn person(&mut self, login: String) -> Person {
        let rng = &mut self.rng;
        let name_id = rng.random_bool(0.4).then(|| address(rng));
        let verified = (0..rng.random_range(0..=2)).map(|_| address(rng)).collect();
        Person { login, name_id, verified }
    }

    /// Adds, removes and suspends accounts, and changes addresses.
    fn change(&mut self, host: &str) {
        let rng = &mut self.rng;
        let accounts = self.truth.entry(host.to_owned()).or_default();
        accounts.retain(|_| rng.random_bool(0.9));
        for place in 0..accounts.len() {
            if rng.random_bool(0.35) {
                accounts[place].primary = None;
                let primary = rng.random_bool(0.9).then(|| free_address(rng, accounts));
                accounts[place].primary = primary;
            }
            accounts[place].suspended = rng.random_bool(0.1);
        }
        for id in 1..=5 {
            if accounts.iter().all(|it| it.id != id) && rng.random_bool(0.5) {
                let login = if id == 5 { "ghost".to_owned() } else { format!("server-{id}") };
                let primary = rng.random_bool(0.9).then(|| free_address(rng, accounts));
                accounts.push(Account { id, login, primary, suspended: rng.random_bool(0.1) });
            }
        }
    }

    fn merge_by_something_else(&mut self) {
        for place in self.github.unmatched() {
            let person = self.github.people.choose(&mut self.rng).map(|it| it.login.clone());
            if let (Some(login), true) = (person, self.rng.random_bool(0.3)) {
                self.github.merge_by_something_else(&place, &login);
            }
        }
    }

    /// Syncs these instances in their present state, and imports a sync status if the world has them.
    fn sync(&mut self, hosts: &[&str]) {
        let synced = self.truth.iter().filter(|(host, _)| hosts.contains(&host.as_str()));
        self.github.sync(&synced.map(|(host, all)| (host.clone(), all.clone())).collect());
        if self.with_status {
            let instances: Vec<Value> = HOSTS
                .iter()
                .map(|host| {
                    let known = format!("last sync of {host}");
                    let date = if hosts.contains(host) {
                        self.told.push(format!("{known}: {}", instant(self.now)));
                        Some(instant(self.now))
                    } else {
                        let mut told = self.told.iter().rev();
                        told.find_map(|it| {
                            it.strip_prefix(&format!("{known}: ")).map(str::to_owned)
                        })
                    };
                    let last =
                        date.map(|date| json!({"date": date, "status": "success", "error": ""}));
                    json!({"server_id": "6c1c", "hostname": host, "last_sync": last})
                })
                .collect();
            self.import(
                "sync.json",
                &json!({"server_instances": instances}).to_string(),
                &["--enterprise", "corp"],
            );
        }
    }

    fn import_report(&mut self) {
        let report = self.github.report();
        self.import("cloud.json", &report, &["--enterprise", "corp"]);
    }

    fn import_server(&mut self, host: &str) {
        let file = self.export(host);
        self.import("server.json", &file, &["--host", host]);
    }

    fn export(&self, host: &str) -> String {
        let user = |it: &Account| {
            let emails: Vec<Value> =
                it.primary.iter().map(|email| json!({"email": email, "primary": true})).collect();
            json!({"user_id": it.id, "login": it.login, "suspended": it.suspended, "emails": emails})
        };
        let users: Vec<Value> = self.truth[host].iter().map(user).collect();
        let instance = json!({"server_id": "6c1c", "host_name": host, "version": "3.17.2"});
        json!({"instance": instance, "users": users}).to_string()
    }

    fn import(&mut self, name: &str, text: &str, source: &[&str]) {
        let name = format!("{}-{name}", self.told.len());
        let file = self.place.write(&name, text.as_bytes()).display().to_string();
        let at = instant(self.now);
        self.told.push(format!("{name} at {at}: {text}"));
        let arguments = [&["import", &file, "--taken-at", &at], source].concat();
        let ran = self.place.run(&arguments);
        assert_eq!(ran.code, 0, "{}: {}", self.story(), ran.stderr);
    }

    /// Rehearses new files of some instances, and compares with what comes.
    fn foretell(mut self, seen: &mut Seen) {
        let hosts: Vec<String> = self.truth.keys().cloned().collect();
        let first = self.rng.random_range(0..hosts.len());
        // With sync statuses, one instance may be synced alone. Otherwise all are.
        let alone = self.with_status && self.rng.random_bool(0.7);
        let mut rehearsed = vec![hosts[first].clone()];
        for other in hosts.iter().filter(|it| **it != hosts[first] && !alone) {
            if self.rng.random_bool(0.5) {
                rehearsed.push(other.clone());
            } else if self.rng.random_bool(0.7) {
                self.change(other);
                self.import_server(other);
            }
        }
        rehearsed.iter().for_each(|host| self.change(host));
        let mut synced = self.truth.clone();
        synced.retain(|host, _| !alone || rehearsed.contains(host));
        if self.github.swaps(&synced) {
            *seen.entry("left out").or_default() += 1;
            return;
        }
        let mut question = vec!["rehearse".to_owned()];
        for host in &rehearsed {
            let file = self.place.write(&format!("{host}.json"), self.export(host).as_bytes());
            question.push(file.display().to_string());
        }
        let before = self.place.json(&["consumption"]);
        let foretold = self.place.json(&question.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(foretold["now"], before, "{}", self.story());
        assert_eq!(self.place.json(&["consumption"]), before, "nothing is stored");
        let fileless = before["sources"].as_array().is_some_and(|it| it.len() == 1);

        self.now += 60;
        rehearsed.iter().for_each(|host| self.import_server(host));
        self.now += DAY;
        let synced: Vec<&str> = synced.keys().map(String::as_str).collect();
        self.sync(&synced);
        self.import_report();
        let came = self.place.json(&["consumption"]);
        for key in ["consumed", "seats"] {
            assert_eq!(foretold["after"][key], came[key], "{key}: {}", self.story());
        }
        let from = before["as_of"].as_str().unwrap_or_default();
        let diff = self.place.json(&["diff", from, &instant(self.now)]);
        for movement in ["joined", "left", "matched", "unmatched"] {
            let (told, came) = (&foretold["movements"][movement], &diff["movements"][movement]);
            assert_eq!(told, came, "{movement}: {}", self.story());
        }
        self.note(seen, &before, &foretold, (alone, fileless, rehearsed.len()));
    }

    fn note(&self, seen: &mut Seen, before: &Value, foretold: &Value, how: (bool, bool, usize)) {
        let after = &foretold["after"];
        let consumed = |answer: &Value| answer["consumed"].as_u64();
        let change = match consumed(after).cmp(&consumed(before)) {
            std::cmp::Ordering::Less => "fewer licenses",
            std::cmp::Ordering::Equal => "as many licenses",
            std::cmp::Ordering::Greater => "more licenses",
        };
        let moved = |movement: &str| foretold["movements"][movement] != json!(0);
        let (alone, fileless, files) = how;
        for (what, occurred) in [
            (change, true),
            ("matched", moved("matched")),
            ("unmatched", moved("unmatched")),
            ("several files", files > 1),
            ("one instance synced of two", alone),
            ("known through Cloud only before", fileless),
            (
                "something matched by what no report shows",
                after["matched_by"]["reported"] != json!(0),
            ),
        ] {
            *seen.entry(what).or_default() += u64::from(occurred);
        }
    }

    fn story(&self) -> String {
        format!("ONESEAT_SEED={}\n{}\n", self.seed, self.told.join("\n"))
    }
}

fn address(rng: &mut ChaCha8Rng) -> String {
    ADDRESSES.choose(rng).copied().unwrap_or_default().to_owned()
}

/// An address that no account of the instance has, because an instance gives an address to one account only.
fn free_address(rng: &mut ChaCha8Rng, accounts: &[Account]) -> String {
    let key = |address: &str| address.to_lowercase();
    let mut free = ADDRESSES.to_vec();
    free.retain(|address| {
        let mut taken = accounts.iter().filter_map(|it| it.primary.as_deref());
        taken.all(|it| key(it) != key(address))
    });
    free.choose(rng).copied().unwrap_or_default().to_owned()
}
