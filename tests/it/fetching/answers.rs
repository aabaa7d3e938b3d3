//! Every answer of a host is read or refused, and none causes a panic: random answers, with the shape of
//! GitHub's and without.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::host::{Host, Reply};
use super::{answer, machine};
use crate::common::{NOW, Place};

const KEYS: [&str; 30] = [
    "total_seats_consumed",
    "total_seats_purchased",
    "users",
    "github_com_login",
    "github_com_user",
    "enterprise_server_user_ids",
    "github_com_verified_domain_emails",
    "server_instances",
    "hostname",
    "last_sync",
    "costCenters",
    "resources",
    "visual_studio_subscriptions",
    "total_count",
    "message",
    "data",
    "enterprise",
    "ownerInfo",
    "enterpriseServerInstallations",
    "nodes",
    "node",
    "userAccounts",
    "pageInfo",
    "errors",
    "schemas",
    "totalResults",
    "Resources",
    "id",
    "userName",
    "emails",
];

fn random(rng: &mut ChaCha8Rng, depth: u32) -> Value {
    let scalar = depth == 0 || depth < 4 && rng.random_bool(0.3);
    match rng.random_range(0..if scalar { 6 } else { 9 }) {
        0 => Value::Null,
        1 => json!(rng.random_bool(0.5)),
        2 => json!(rng.random_range(-5..1_000_000)),
        3 => json!(rng.random::<f64>() * 1e300),
        4 => json!(""),
        5 => json!(["a", "x@y.example", "ghes:7", "\u{0}\u{202e}", "2026-01-01"].choose(rng)),
        6 => (0..rng.random_range(0..4)).map(|_| random(rng, depth - 1)).collect(),
        _ => random_object(rng, depth - 1),
    }
}

fn random_object(rng: &mut ChaCha8Rng, depth: u32) -> Value {
    let member = |rng: &mut ChaCha8Rng| {
        let key = KEYS.choose(rng).expect("a key");
        ((*key).to_owned(), random(rng, depth))
    };
    let count = rng.random_range(0..6);
    Value::Object((0..count).map(|_| member(rng)).collect::<Map<_, _>>())
}

#[test]
fn random_answers_are_read_or_refused() {
    let cases: u64 =
        std::env::var("ONESEAT_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(60);
    let config = b"[enterprise.corp]\nfetch = [\"consumed-licenses\", \"license-sync-status\", \"cost-centers\", \
        \"visual-studio-subscriptions\", \"server-accounts\"]\nscim = \"idp\"\n";
    let mut became: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..cases {
        let host = Host::start(move |request, number| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed * 1000 + number as u64);
            let mut body = random(&mut rng, 5);
            // Most of them begin like a proper answer.
            if rng.random_bool(0.7) {
                if rng.random_bool(0.7) {
                    body =
                        (0..rng.random_range(0..9)).map(|_| random_object(&mut rng, 3)).collect();
                }
                let key = match () {
                    () if request.is("/consumed-licenses") => "users",
                    () if request.is("/license-sync-status") => "server_instances",
                    () if request.is("/cost-centers") => "costCenters",
                    () if request.is("/visual-studio-subscriptions") => {
                        "visual_studio_subscriptions"
                    }
                    () => "data",
                };
                body = match request.is("/Users") {
                    true => json!({
                        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                        "totalResults": random(&mut rng, 0), "Resources": body,
                    }),
                    false => json!({key: body}),
                };
            }
            match rng.random_range(0..16) {
                0 => Reply::new(
                    200,
                    body.to_string().into_bytes()[..3.min(body.to_string().len())].to_vec(),
                ),
                1 => Reply::json(&body).with("link", "<http://x/>; rel=\"next\", <<>; rel"),
                2 => Reply::json(&body).with("content-encoding", "gzip"),
                3 => {
                    let status = [201, 204, 301, 304, 400, 403, 404, 422, 500]
                        .choose(&mut rng)
                        .expect("one");
                    Reply::new(*status, body.to_string()).with("retry-after", "-1")
                }
                4 => Reply::error(404, "Not Found"),
                _ => Reply::json(&body),
            }
        });
        let place = Place::new();
        let config = place.write("config.toml", config).display().to_string();
        let words = [
            "fetch",
            "cloud",
            "--enterprise",
            "corp",
            "--api-url",
            &host.url,
            "--config",
            &config,
            "--json",
        ];
        let ran = place.run_on(&machine(), &words, b"", NOW);
        assert!([0, 3, 6].contains(&ran.code), "seed {seed}: {} {}", ran.code, ran.stderr);
        for item in answer(&ran)["items"].as_array().expect("a list") {
            *became.entry(item["status"].as_str().expect("a word").to_owned()).or_default() += 1;
        }
        if place.path("oneseat.db").exists() {
            // An hour later, because the fetch may have waited.
            let ran = place.run_with(&["verify"], b"", "2026-11-22T13:00:00Z");
            assert_eq!(ran.code, 0, "seed {seed}: {}", ran.stdout);
        }
    }
    println!("{became:?}");
    for status in ["stored", "refused", "failed", "not-permitted"] {
        assert!(became.contains_key(status), "{status}: {became:?}");
    }
}

/// Amounts of cost centers are fractions: the stored amount must be the hashed one.
#[test]
fn fractions_are_stored_as_they_came() {
    let place = Place::new();
    let amounts =
        [0.1 + 0.2, 1.0 / 3.0, 123_456_789.123_456_78, 7.038531e-26, 2.2250738585072014e-308];
    let centers: Vec<Value> = amounts
        .iter()
        .map(|amount| json!({"id": amount.to_string(), "ai_credit_pool_state": {"target_amount": amount}}))
        .collect();
    let file = place.write("c.json", json!({"costCenters": centers}).to_string().as_bytes());
    let file = file.display().to_string();
    assert_eq!(
        place.run(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-11-01"]).code,
        0
    );
    let ran = place.run(&["verify"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}
