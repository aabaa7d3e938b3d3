//! The contents of `cost-centers` snapshots (formats.md section 3): the cost centers of an enterprise, and the
//! people and organizations in each of them.

use std::collections::BTreeMap;

use serde_json::Value;

/// The JSON key, in the facts of a snapshot, of cost centers that were fetched one by one instead of in a
/// complete list. Each of them replaces only the cost center with the same id or name.
pub const CENTERS_ALONE: &str = "cost_center";

/// A cost center of an enterprise, to which people and organizations are assigned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostCenter {
    /// The id of the cost center; `None` if the file does not state it.
    pub id: Option<String>,
    /// The name of the cost center, without surrounding white space.
    pub name: String,
    /// The state of the cost center, as received. Older answers have no state (`None`), and their cost centers
    /// count as active.
    pub state: Option<String>,
    /// The resources of the cost center, sorted and without duplicates.
    pub resources: Vec<Resource>,
}

/// One resource of a cost center, such as a person or a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// The kind of the resource, such as a person or a team.
    pub kind: ResourceKind,
    /// The name of the resource in the form in which it is compared: in lower case; for a team only the slug.
    pub key: String,
}

/// The kind of a resource that is assigned to a cost center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceKind {
    /// A person, named by login.
    User,
    /// A team of the enterprise, named by slug.
    Team,
    /// An organization, named by its name in lower case.
    Organization,
    /// A repository, named by its name in lower case.
    Repository,
    /// A resource of a type that oneseat does not know.
    Unknown,
}

impl ResourceKind {
    /// The kind of a resource, from its type in GitHub's answer.
    pub fn of(name: &str) -> ResourceKind {
        match name.trim().to_ascii_lowercase().as_str() {
            "user" => ResourceKind::User,
            "team" | "enterpriseteam" => ResourceKind::Team,
            "org" | "organization" => ResourceKind::Organization,
            "repo" | "repository" => ResourceKind::Repository,
            _ => ResourceKind::Unknown,
        }
    }
}

impl CostCenter {
    /// Is the cost center in use? A cost center that is deleted (or archived, as some answers call it) is not
    /// in use.
    pub fn is_active(&self) -> bool {
        self.state.as_deref().is_none_or(|state| state.eq_ignore_ascii_case("active"))
    }

    /// The logins of the people in the cost center, in the form in which logins are compared.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        let users = self.resources.iter().filter(|it| it.kind == ResourceKind::User);
        users.map(|it| it.key.as_str())
    }

    fn of(center: &Value) -> Option<CostCenter> {
        let text = |value: Option<&Value>| match value? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let resources = center.get("resources").and_then(Value::as_array);
        let resources = resources.into_iter().flatten().filter_map(|resource| {
            let kind = ResourceKind::of(&text(resource.get("type"))?);
            let key = text(resource.get("name"))?.to_lowercase();
            let slug = key.strip_prefix("ent:").filter(|_| kind == ResourceKind::Team);
            Some(Resource { kind, key: slug.unwrap_or(&key).to_owned() })
        });
        let mut resources: Vec<Resource> = resources.collect();
        resources.sort();
        resources.dedup();
        Some(CostCenter {
            id: text(center.get("id")),
            name: text(center.get("name"))?,
            state: text(center.get("state")),
            resources,
        })
    }

    /// The text that identifies the cost center: its id, else its name.
    fn key(&self) -> String {
        match &self.id {
            Some(id) => format!("id {}", id.to_lowercase()),
            None => format!("name {}", self.name.to_lowercase()),
        }
    }
}

/// The cost centers of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostCenters {
    /// The cost centers of the enterprise that the snapshots contain.
    pub centers: Vec<CostCenter>,
    /// Does `centers` have all cost centers of the enterprise? `false` if only single ones were fetched.
    pub whole: bool,
}

/// The cost centers in the facts of several snapshots, which come oldest first. The newest complete list
/// counts, changed by the single cost centers that were fetched after it. `None` if the facts have neither a
/// list nor a single cost center.
pub fn cost_centers<'f>(facts: impl IntoIterator<Item = &'f Value>) -> Option<CostCenters> {
    let mut whole = false;
    let mut centers: Option<BTreeMap<String, CostCenter>> = None;
    for facts in facts {
        let lists = facts.as_object().into_iter().flatten();
        for (key, list) in lists.filter_map(|(key, list)| Some((key, list.as_array()?))) {
            let known = match key.as_str() {
                CENTERS_ALONE => centers.get_or_insert_default(),
                _ => {
                    whole = true;
                    centers.insert(BTreeMap::new())
                }
            };
            let found = list.iter().filter_map(CostCenter::of);
            known.extend(found.map(|center| (center.key(), center)));
        }
    }
    centers.map(|centers| CostCenters { centers: centers.into_values().collect(), whole })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_center_alone_changes_that_center_only() {
        let all = json!({"costCenters": [
            {"id": "1", "name": "A", "state": "active", "resources": [
                {"type": "User", "name": "Ada"}, {"type": "EnterpriseTeam", "name": "ent:conics"},
                {"type": "Team", "name": "Conics"}, {"type": "Org", "name": "math"}]},
            {"id": "2", "name": "B", "state": "deleted", "resources": [{"type": "User", "name": "eve"}]},
            {"id": "3", "name": "B", "resources": null},
        ]});
        let alone = json!({"cost_center": [
            {"id": "1", "name": "A", "state": "archived", "resources": []}]});
        let told = cost_centers([&all]).expect("centers");
        assert_eq!((told.centers.len(), told.whole), (3, true));
        let users: Vec<&str> = told.centers[0].users().collect();
        assert_eq!((users, told.centers[0].resources.len()), (vec!["ada"], 3));
        let active = |told: &CostCenters| -> Vec<bool> {
            told.centers.iter().map(CostCenter::is_active).collect()
        };
        assert_eq!(active(&told), [true, false, true]);
        let told = cost_centers([&all, &alone]).expect("centers");
        assert_eq!((active(&told), told.whole), (vec![false, false, true], true));
        assert_eq!(cost_centers([&alone, &all]).expect("centers").centers.len(), 3);
        let told = cost_centers([&alone]).expect("a center");
        assert_eq!((told.centers.len(), told.whole), (1, false));
        assert_eq!(cost_centers([]), None);
    }
}
