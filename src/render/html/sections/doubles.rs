//! The people with two licenses: by cause, by who fixes them, and by name.

use serde_json::Value;

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, escaped, text};
use crate::render::html::section::Section;
use crate::render::html::table_rows::{Grid, MOST_ROWS, bar, left_out};
use crate::render::html::words::{actor, code};
use crate::table::{agreeing, counted};

/// The section about people with two licenses.
pub(super) fn doubles(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let licenses = page.number("duplicates.summary.licenses").unwrap_or_default();
    let possible = page.number("duplicates.summary.possible").unwrap_or_default();
    let message = match (licenses, possible) {
        (0, 0) => "Nobody is known to take two licenses.".to_owned(),
        (licenses, possible) => format!(
            "{} too many, certainly or likely; besides, {} worth checking.",
            agreeing(licenses, "license", ["is", "are"]),
            agreeing(possible, "possible one", ["is", "are"])
        ),
    };
    let levels = ["certain", "likely", "possible"].map(|level| {
        let path = format!("duplicates.summary.{level}");
        let count = page.number(&path).unwrap_or_default();
        let Markup(figure) = links.to_findings(&[("finding", level)], count, &page.figure(&path));
        format!("<div><dt>{level}</dt><dd>{figure}</dd></div>")
    });
    let Markup(sum) = page.figure("duplicates.summary.licenses");
    let mut body = format!(
        "<dl class=\"facts\">{}<div><dt>licenses too many</dt><dd>{sum}</dd></div></dl>",
        levels.concat()
    );
    if licenses + possible > 0 {
        body += "<div class=\"pair\">";
        body += &counts(page, links, "by_cause", "By cause", "cause", &code)?.0;
        body += &counts(page, links, "by_actor", "By who fixes them", "actor", &actor)?.0;
        body += "</div>";
    }
    body += &findings(page, links)?.0;
    Ok(Section {
        id: "doubles",
        title: "People with two licenses",
        message: text(&message),
        command: command(&links.command("duplicates")),
        body: Markup(body),
    })
}

/// A table of the findings counted by cause, or by actor and instance.
fn counts(
    page: &Document<'_>,
    links: &Links<'_>,
    list: &str,
    title: &str,
    key: &str,
    word: &dyn Fn(&str) -> String,
) -> Result<Markup> {
    let lines = page.list(&format!("doubles.{list}"));
    let most = lines.iter().filter_map(|it| it.get("findings")?.as_i64()).max().unwrap_or(0);
    let mut grid = Grid::new(title, &[title, "", "#Findings"]);
    for (index, line) in lines.iter().enumerate() {
        let name = line.get(key).and_then(Value::as_str).unwrap_or_default();
        let host = line.get("host").and_then(Value::as_str);
        let Markup(shown) = text(&word(name));
        let shown = match host {
            Some(host) => format!("{shown} <span class=\"quiet\">{}</span>", text(host)),
            None => shown,
        };
        let path = format!("doubles.{list}.{index}.findings");
        let count = page.number(&path).unwrap_or_default();
        let mut values = vec![("finding", name)];
        values.extend(host.map(|host| ("host", host)));
        grid.rows.push(vec![
            Markup(shown),
            bar(count, most, "count"),
            links.to_findings(&values, count, &page.figure(&path)),
        ]);
    }
    grid.drawn()
}

/// The findings, with names.
fn findings(page: &Document<'_>, links: &Links<'_>) -> Result<Markup> {
    let items = page.list("duplicates.items");
    // A page without people names nobody.
    let shown = if links.somebody { items.len().min(MOST_ROWS) } else { 0 };
    if items.is_empty() {
        return Ok(Markup::nothing());
    }
    let mut grid = Grid::new(
        "People who would take two licenses",
        &["Account", "Same as", "How sure", "Why", "What to do", "Since"],
    );
    for (index, item) in items.iter().take(shown).enumerate() {
        let level = item.get("confidence").and_then(Value::as_str).unwrap_or_default();
        let first = |key: &str| item.get(key).and_then(|it| it.get(0)?.get("code")?.as_str());
        let fix = |key: &str| item.get("fix").and_then(|it| it.get(key)?.as_str());
        let action = format!("{}: {}", actor(fix("actor").unwrap_or_default()), {
            fix("action").unwrap_or_default()
        });
        let since = format!("duplicates.items.{index}.since");
        grid.rows.push(vec![
            one_side(item),
            other_side(item),
            Markup(format!("<span class=\"level {0}\">{0}</span>", escaped(level))),
            text(&first("evidence").map(code).unwrap_or_default()),
            text(&action),
            page.day(&since),
        ]);
    }
    let Markup(more) = left_out(items.len() - shown, "findings", &links.command("duplicates"));
    let Markup(table) = match shown {
        0 => Markup::nothing(),
        _ => grid.folded(&format!("Who they are ({})", counted(shown as u64, "finding")))?,
    };
    Ok(Markup(table + &more))
}

/// A Server account in words, as markup.
fn server(account: &Value) -> String {
    let of = |key: &str| account.get(key).and_then(Value::as_str);
    let host = text(of("host").unwrap_or_default());
    match (of("login"), of("id")) {
        (Some(login), _) => format!("{} <span class=\"quiet\">on {host}</span>", text(login)),
        (None, Some(id)) => {
            format!("account {} <span class=\"quiet\">on {host}</span>", text(id))
        }
        (None, None) => format!("an account <span class=\"quiet\">on {host}</span>"),
    }
}

fn servers(item: &Value, key: &str) -> Vec<String> {
    let accounts = item.get(key).and_then(Value::as_array);
    accounts.into_iter().flatten().map(server).collect()
}

fn one_side(item: &Value) -> Markup {
    let mut shown = servers(item, "server_accounts");
    if let Some(address) = item.get("invitation").and_then(Value::as_str) {
        shown.insert(0, format!("the invitation to {}", text(address)));
    }
    let own = item.get("cloud_account").and_then(|it| it.get("login")?.as_str());
    if shown.is_empty() {
        shown.extend(own.map(|login| text(login).0));
    }
    Markup(shown.join("<br>"))
}

fn other_side(item: &Value) -> Markup {
    let candidates = item.get("candidates").and_then(Value::as_array);
    let logins = candidates.into_iter().flatten().filter_map(|it| it.get("login")?.as_str());
    let mut shown: Vec<String> = logins.map(|login| text(login).0).collect();
    if shown.is_empty() {
        shown = servers(item, "other_server_accounts");
    }
    Markup(shown.join(" or "))
}
