//! Cloud's small answers that hold one list: Visual Studio subscriptions in both published shapes,
//! and cost centers (formats.md section 3). They are kept as facts, page after page.

use serde_json::{Value, json};

use super::{FileFacts, Input, Outline, Reader, Sink, whole};
use crate::error::{Error, Result};
use crate::model::SourceKind;

/// A format that is one list of objects.
pub struct ListedFacts {
    format: &'static str,
    about: &'static str,
    recognised_by: &'static str,
    obtained_from: &'static str,
    kind: SourceKind,
    /// The key of the list, in each shape.
    lists: &'static [&'static str],
    /// The keys of its objects, and those beside the list.
    fields: &'static [&'static str],
}

/// `GET /enterprises/{enterprise}/visual-studio-subscriptions`.
pub const VISUAL_STUDIO: ListedFacts = ListedFacts {
    format: "cloud-visual-studio-json",
    about: "Cloud: the Visual Studio subscriptions of an enterprise",
    recognised_by: "JSON with visual_studio_subscriptions or visual_studio_subscription_assignments",
    obtained_from: "GET /enterprises/{enterprise}/visual-studio-subscriptions",
    kind: SourceKind::VisualStudio,
    lists: &["visual_studio_subscriptions", "visual_studio_subscription_assignments"],
    fields: &[
        "email",
        "manual_match",
        "subscriptionId",
        "subscription_id",
        "total_count",
        "username",
        "visual_studio_subscription_email",
    ],
};

/// `GET /enterprises/{enterprise}/settings/billing/cost-centers`.
pub const COST_CENTERS: ListedFacts = ListedFacts {
    format: "cloud-cost-centers-json",
    about: "Cloud: the cost centers of an enterprise and what each contains",
    recognised_by: "JSON with costCenters",
    obtained_from: "GET /enterprises/{enterprise}/settings/billing/cost-centers",
    kind: SourceKind::CostCenters,
    lists: &["costCenters", "cost_centers"],
    fields: &[
        "ai_credit_pool_enabled",
        "ai_credit_pool_state",
        "azure_subscription",
        "id",
        "name",
        "resources",
        "state",
        "total_count",
    ],
};

impl Reader for ListedFacts {
    fn format(&self) -> &'static str {
        self.format
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn recognised_by(&self) -> &'static str {
        self.recognised_by
    }

    fn obtained_from(&self) -> &'static str {
        self.obtained_from
    }

    fn kind(&self) -> SourceKind {
        self.kind
    }

    fn recognises(&self, outline: &Outline) -> bool {
        self.lists.iter().any(|list| outline.has_key(list))
    }

    fn knows(&self, field: &str) -> bool {
        self.lists.contains(&field) || self.fields.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        let name = input.name().to_owned();
        sink.source(self.kind, None)?;
        let mut said = FileFacts::default();
        for (page, line) in whole::pages(input)? {
            let Value::Object(members) = page else { return Err(self.no_list(&name, line)) };
            let mut of_page = FileFacts::default();
            let mut list = None;
            for (key, value) in members {
                match value {
                    Value::Array(items) if self.lists.contains(&key.as_str()) => {
                        list = Some((key, items));
                    }
                    value if key == "total_count" => of_page.total = value.as_i64(),
                    value => {
                        of_page.facts.insert(key, value);
                    }
                }
            }
            let Some((key, items)) = list else { return Err(self.no_list(&name, line)) };
            if items.iter().any(|item| !item.is_object()) {
                return Err(self.no_list(&name, line));
            }
            of_page.records = items.len() as u64;
            of_page.facts.insert(key, json!(items));
            said.merge(of_page.as_page());
        }
        Ok(said)
    }
}

impl ListedFacts {
    fn no_list(&self, name: &str, line: u64) -> Error {
        Error::input(format!("a page has no list of objects called {}", self.lists[0]))
            .at(name, Some(line))
            .hint("download that page again; if it stays so, report it")
    }
}
