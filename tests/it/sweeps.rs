//! The trend where other things than the accounts change: which file is the older one, links, settings,
//! retirement, aliases, ids without a host. Each point is the consumption of its instant.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::common::Place;

/// A Cloud user: login, NameID, and the listed Server ids and addresses.
fn user(login: &str, name_id: &str, ids: &[&str], emails: &[&str]) -> Value {
    json!({
        "github_com_login": login, "github_com_name": login, "github_com_user": true,
        "enterprise_server_user": !ids.is_empty(), "visual_studio_subscription_user": false,
        "license_type": "Enterprise", "github_com_saml_name_id": name_id,
        "github_com_verified_domain_emails": [], "github_com_member_roles": [],
        "github_com_enterprise_roles": ["Member"], "github_com_orgs_with_pending_invites": [],
        "enterprise_server_user_ids": ids, "enterprise_server_emails": emails,
    })
}

/// A history that is built step by step. Every third day has a snapshot.
struct Story {
    place: Place,
    day: u32,
}

impl Story {
    fn new() -> Story {
        Story { place: Place::new(), day: 1 }
    }

    fn taken_at(&mut self) -> String {
        self.day += 1;
        format!("2026-03-{:02}T00:00:00Z", self.day)
    }

    fn does(&self, arguments: &[&str]) {
        let ran = self.place.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
    }

    fn cloud(&mut self, enterprise: &str, users: &[Value]) {
        let at = self.taken_at();
        let count = users.len();
        let report =
            json!({"total_seats_consumed": count, "total_seats_purchased": 90, "users": users});
        let file = self.place.write("cloud.json", report.to_string().as_bytes());
        let file = file.display().to_string();
        self.does(&["import", &file, "--enterprise", enterprise, "--taken-at", &at]);
    }

    fn server(&mut self, host: &str, accounts: &[(u32, &str, &str)]) {
        let at = self.taken_at();
        let mut text = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,\
                        org_memberships,dormant?,last_active,raw_login,2fa_enabled?\n"
            .to_owned();
        for (id, login, email) in accounts {
            text += &format!(
                "2020-01-02T03:04:05Z,{id},{login},{email},user,false,,1,0,0,false,2026-01-01,{login},false\n"
            );
        }
        let file = self.place.write("all_users.csv", text.as_bytes()).display().to_string();
        self.does(&["import", &file, "--host", host, "--taken-at", &at]);
    }

    /// Checks that every point of the trend is the consumption of its instant, and returns the consumed
    /// licenses. This holds with the counts kept before the last step, without any, and with all of them.
    fn told(&self) -> Vec<u64> {
        self.forget();
        let (told, differences) = (self.swept(), self.differences());
        self.does(&["recount"]);
        assert_eq!(self.swept(), told, "kept counts equal the counted");
        assert_eq!(self.differences(), differences, "a lookup finds the same changes");
        self.does(&["verify"]);
        told
    }

    /// Compares the kept counts with what is counted, and deletes them.
    fn forget(&self) {
        let kept = self.swept();
        let file = Connection::open(self.place.path("oneseat.db")).expect("the database");
        file.execute("DELETE FROM stored_counts", []).expect("nothing is kept");
        assert_eq!(self.swept(), kept, "outdated counts are ignored");
    }

    /// The movements from each snapshot to the next two.
    fn differences(&self) -> Vec<Value> {
        let trend = self.place.json(&["trend"]);
        let points = trend["points"].as_array().expect("points");
        let instants: Vec<&str> = points.iter().filter_map(|point| point["at"].as_str()).collect();
        let pairs = [1, 2].into_iter().flat_map(|step| instants.iter().zip(&instants[step..]));
        pairs.map(|(from, to)| self.place.json(&["diff", from, to])).collect()
    }

    fn swept(&self) -> Vec<u64> {
        let trend = self.place.json(&["trend", "--by", "day"]);
        let points = trend["points"].as_array().expect("points");
        assert!(points.len() > 4, "enough points to sweep over");
        for point in points {
            let at = point["at"].as_str().expect("an instant");
            let told = self.place.json(&["consumption", "--as-of", at]);
            for (of_point, of_then) in [
                (&point["consumed"], &told["consumed"]),
                (&point["cloud_only"], &told["seats"]["cloud_only"]),
                (&point["cloud_and_server"], &told["seats"]["cloud_and_server"]),
                (&point["server_only"], &told["seats"]["server_only"]),
            ] {
                assert_eq!(of_point, of_then, "at {at}");
            }
        }
        points.iter().map(|point| point["consumed"].as_u64().expect("a number")).collect()
    }
}

#[test]
fn which_file_is_the_older_one_turns_with_every_file() {
    let mut story = Story::new();
    let ada = user("ada", "ada@corp", &["h.example:7"], &["old@corp"]);
    let server = [(7, "ada-l", "new@corp")];
    for _ in 0..3 {
        story.cloud("corp", std::slice::from_ref(&ada));
        story.server("h.example", &server);
    }
    // Beside the person who comes and goes, another one arrives late.
    story.server("h.example", &[(7, "ada-l", "new@corp"), (8, "bob", "bob@corp")]);
    story.cloud("corp", &[ada, user("eve", "eve@corp", &[], &[])]);
    assert_eq!(story.told(), [1, 2, 1, 2, 1, 2, 3, 3]);
}

#[test]
fn links_begin_in_the_middle_of_a_history() {
    let mut story = Story::new();
    let ada = [user("ada", "ada@corp", &[], &[])];
    for _ in 0..3 {
        story.cloud("corp", &ada);
        story.server("h.example", &[(7, "ada-l", "new@corp")]);
    }
    let link = ["links", "add", "h.example:7", "ada", "--reason", "asked", "--matched-by-github"];
    story.does(&[&link[..], &["--from", "2026-03-04"]].concat());
    let unlink =
        ["links", "deny", "h.example:7", "ada", "--reason", "no", "--not-matched-by-github"];
    story.does(&[&unlink[..], &["--from", "2026-03-06"]].concat());
    assert_eq!(story.told(), [1, 2, 1, 1, 2, 2]);
}

#[test]
fn settings_names_and_retirement_turn_in_the_middle_of_a_history() {
    let mut story = Story::new();
    let mut invited = user("ada", "ada@corp", &["h.example:7"], &["ada@x"]);
    invited["github_com_enterprise_roles"] = json!(["Pending member"]);
    // An id without a host belongs to the only known instance.
    let bare = user("eve", "eve@corp", &["9"], &["eve@x"]);
    let users = [invited, bare];
    story.cloud("corp", &users);
    story.server("other.example", &[(7, "ada-l", "a@x"), (9, "eve-l", "eve@x")]);
    story.cloud("corp", &users);
    story.server("h.example", &[(7, "ada-l", "b@x")]);
    story.cloud("corp", &users);
    story.server("other.example", &[(7, "ada-l", "a@x")]);
    story.cloud("corp", &users);
    let before = story.told();
    story.does(&["sources", "set", "corp", "--billing-model", "metered", "--from", "2026-03-04"]);
    let metered = story.told();
    assert_ne!(before, metered, "invitations stop counting");
    story.does(&["sources", "retire", "h.example", "--from", "2026-03-07"]);
    let retired = story.told();
    assert_ne!(metered, retired, "a retired instance has no accounts");
    story.does(&["sources", "rename", "other.example", "new.example"]);
    assert_eq!(story.told(), retired, "a name is no person");
}

#[test]
fn one_of_two_enterprises_lists_a_host_and_later_the_other_does() {
    let mut story = Story::new();
    let with = |host: &str| user("ada", "ada@corp", &[&format!("{host}:7")], &["ada@corp"]);
    story.cloud("one", &[with("h.example")]);
    story.server("h.example", &[(7, "ada-l", "ada@corp"), (8, "bob", "bob@corp")]);
    story.cloud("two", &[user("bob", "bob@corp", &[], &[])]);
    story.server("h.example", &[(7, "ada-l", "ada@corp"), (8, "bob", "bob@corp")]);
    story.cloud("two", &[user("bob", "bob@corp", &["h.example:8"], &["bob@corp"])]);
    story.cloud("one", &[user("ada", "ada@corp", &[], &[])]);
    let told = story.told();
    assert_eq!(told.first(), Some(&1), "{told:?}");
    let two = story.place.json(&["trend", "--by", "day", "--enterprise", "two"]);
    let points = two["points"].as_array().expect("points");
    for point in points {
        let at = point["at"].as_str().expect("an instant");
        let then = story.place.json(&["consumption", "--as-of", at, "--enterprise", "two"]);
        assert_eq!(point["consumed"], then["consumed"], "at {at}");
    }
}

#[test]
fn a_billing_model_turns_while_files_stay_the_same() {
    let mut story = Story::new();
    let mut invited = user("ada", "ada@corp", &[], &[]);
    invited["github_com_enterprise_roles"] = json!(["Pending member"]);
    for _ in 0..4 {
        story.cloud("corp", std::slice::from_ref(&invited));
        story.server("h.example", &[(8, "bob", "bob@corp")]);
    }
    story.does(&["sources", "set", "corp", "--billing-model", "metered", "--from", "2026-03-05"]);
    assert_eq!(story.told(), [1, 2, 2, 1, 1, 1, 1, 1]);
}

#[test]
fn who_is_known_by_an_id_alone_changes_the_address() {
    let mut story = Story::new();
    let ada = [user("ada", "ada@corp", &["h.example:7"], &[])];
    for address in ["one@corp", "two@corp", "three@corp"] {
        story.server("h.example", &[(7, "ada-l", address)]);
        story.cloud("corp", &ada);
    }
    story.told();
}
