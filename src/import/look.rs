//! Builds the outline of a file: what its first bytes show. Files that `neighbors` or `refusal` recognize get
//! an error that says what they are.

use super::format_names::is_known_name;
use super::outline::{Outline, OutlineKind};
use super::{neighbors, refusal, sheet};

impl Outline {
    /// The outline of a file whose first bytes are `head`.
    pub fn of(head: &[u8]) -> Outline {
        let text = head.trim_ascii_start();
        let mut outline = Outline::default();
        let nul = head.iter().position(|byte| *byte == 0);
        outline.kind = match text {
            [] => OutlineKind::Empty,
            [b'{' | b'[', ..] => {
                outline.look_at_json(text);
                OutlineKind::Json
            }
            [b'<', ..] if is_xml(text) => OutlineKind::Xml,
            [b'<', ..] => OutlineKind::Html,
            _ if nul.is_some() => {
                let before = &head[..nul.unwrap_or_default()];
                OutlineKind::Binary(1 + before.iter().filter(|byte| **byte == b'\n').count())
            }
            _ => {
                outline.header = sheet::header_cells(text);
                outline.role_columns = role_columns(text, &outline.header);
                OutlineKind::Table
            }
        };
        let known = refusal::of(text, &outline).or_else(|| neighbors::of(text, &outline));
        if let Some(error) = known {
            outline.kind = OutlineKind::Told(error);
        }
        outline
    }
}

fn is_xml(text: &[u8]) -> bool {
    let begins = String::from_utf8_lossy(&text[..text.len().min(2048)]).to_ascii_lowercase();
    let is_page = ["<html", "<!doctype html", "<head", "<body", "<script"];
    begins.starts_with("<?xml") && !is_page.iter().any(|tag| begins.contains(tag))
}

/// The number of columns that hold nothing but roles in the first rows of a table and that no format knows. The
/// membership report has such a column for each organization.
fn role_columns(text: &[u8], header: &[String]) -> usize {
    const ROLES: [&str; 8] = [
        "admin",
        "billing manager",
        "collaborator",
        "direct member",
        "member",
        "outside collaborator",
        "owner",
        "unaffiliated",
    ];
    // A column with one of these words in its name may be a user's own addition, so it is not counted as an
    // organization's column.
    const OWN: [&str; 7] =
        ["access", "level", "membership", "permission", "role", "status", "type"];
    let is_own = |name: &str| OWN.iter().any(|word| name.to_lowercase().contains(word));
    let rows = sheet::first_rows(text);
    let is_role = |cell: &str| ROLES.contains(&cell.trim().to_lowercase().as_str());
    let holds_roles = |(at, name): &(usize, &String)| {
        let mut cells =
            rows.iter().filter_map(|row| row.get(*at)).filter(|it| !it.trim().is_empty());
        let of_all = cells.clone().all(|cell| is_role(cell));
        !is_own(name) && !is_known_name(name) && of_all && cells.next().is_some()
    };
    header.iter().enumerate().filter(holds_roles).count()
}
