//! The sections of a page between its headline and its people.

use serde_json::Value;

use super::asked::Asked;
use super::document::Document;
use super::freshness::freshness;
use super::links::Links;
use super::markup::{Markup, command, escaped, text, text_or_unknown};
use super::section::Section;
use super::table_rows::{Grid, bar, left_out};
use super::trend_chart::TrendChart;
use super::words::{actor, code, day, kind};
use crate::error::Result;
use crate::table::{agreeing, counted, grouped};

/// The most rows of findings.
const MOST: usize = 1_000;

/// The sections, the last of which says what the figures rest on.
pub(super) fn sections(asked: &Asked<'_>) -> Result<Vec<Section>> {
    let (page, links) = (asked.document, Links::of(asked));
    let all = [
        trend(&page, &links)?,
        Some(kinds(&page, &links)?),
        Some(doubles(&page, &links)?),
        Some(reclaim(&page, &links)?),
        Some(organizations(&page, &links)?),
        freshness(&page, &links)?,
        Some(movements(&page, &links)?),
        Some(check(&page, &links)?),
        Some(sources(&page, &links)?),
        Some(basis(&page, &links)?),
    ];
    Ok(all.into_iter().flatten().collect())
}

fn trend(page: &Document<'_>, links: &Links<'_>) -> Result<Option<Section>> {
    let Some(chart) = TrendChart::of(page) else { return Ok(None) };
    let points = page.list("trend.points");
    let by = page.text("trend.by").unwrap_or("week");
    let mut message = match (page.number("trend.peak.consumed"), page.instant("trend.peak.at")) {
        (Some(peak), Some(at)) => {
            format!("The peak is {} on {}.", counted(peak, "license"), day(at))
        }
        _ => "No peak is known.".to_owned(),
    };
    let first = page.number("trend.points.0.consumed");
    if let (Some(first), Some(last)) = (first, page.number("consumption.consumed")) {
        let change = last - first;
        let word = if change < 0 { "fewer" } else { "more" };
        message += &format!(
            " Since the first {by}, {} {word} {}.",
            grouped(change.abs()),
            if change.abs() == 1 { "is consumed" } else { "are consumed" }
        );
    }
    let label = Markup(escaped(&message));
    let mut notes = Vec::new();
    if chart.begins_at() > 0 {
        notes.push(format!("The axis begins at {}.", grouped(chart.begins_at())));
    }
    if chart.has_gaps() {
        notes.push("Hatched: no snapshot was taken for a week or longer.".to_owned());
    }
    notes.push("Between two snapshots nobody knows: a peak is \"at least\".".to_owned());
    let mut grid = Grid::new(
        "Consumption over time",
        &["Until", "#Consumed", "#Purchased", "#GitHub says", "#Snapshots"],
    );
    for index in 0..points.len() {
        let of = |key: &str| page.figure(&format!("trend.points.{index}.{key}"));
        grid.rows.push(vec![
            page.day(&format!("trend.points.{index}.at")),
            of("consumed"),
            of("purchased"),
            of("reported"),
            of("snapshots"),
        ]);
    }
    let drawn = chart.drawn(&label);
    let Markup(peak) = page.figure("trend.peak.consumed");
    let Markup(peak_at) = page.day("trend.peak.at");
    let Markup(table) = grid.folded(&format!("The numbers, by {by}"))?;
    let body = format!(
        "<figure data-chart=\"trend\"><div class=\"plot\">{drawn}</div><figcaption><p class=\"key\">\
         <span class=\"swatch consumed\"></span>consumed <span class=\"swatch \
         purchased\"></span>purchased <span class=\"peak-word\">peak {peak}, {peak_at}</span></p>\
         <p class=\"quiet\">{}</p></figcaption>{table}</figure>",
        escaped(&notes.join(" "))
    );
    let to = page.text("as_of").unwrap_or_default();
    Ok(Some(Section {
        id: "trend",
        title: "Trend",
        message: text(&message),
        command: command(&links.with_enterprise(&format!("trend --by {by} --to {to}"))),
        body: Markup(body),
    }))
}

fn kinds(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    const KINDS: [&str; 3] = ["cloud_only", "cloud_and_server", "server_only"];
    let total = page.number("consumption.consumed").unwrap_or_default();
    let number = |kind: &str| page.number(&format!("consumption.seats.{kind}")).unwrap_or_default();
    let mut parts = String::new();
    let mut x = 0.0;
    for kind in KINDS {
        let width = if total > 0 { 100.0 * number(kind) as f64 / total as f64 } else { 0.0 };
        parts += &format!(
            "<rect class=\"part {kind}\" x=\"{x:.2}%\" width=\"{width:.2}%\" height=\"100%\"/>"
        );
        x += width;
    }
    let mut grid = Grid::new("Seats by kind", &["Kind", "#Seats", "#Share"]);
    for name in KINDS {
        let share = (100 * number(name) + total / 2).checked_div(total).unwrap_or_default();
        let figure = page.figure(&format!("consumption.seats.{name}"));
        grid.rows.push(vec![
            Markup(format!("<span class=\"swatch {name}\"></span>{}", kind(name))),
            links.to_people(&[("kind", name)], &figure),
            Markup(format!("{share}%")),
        ]);
    }
    grid.sum = Some(vec![
        Markup("Consumed".to_owned()),
        page.figure("consumption.consumed"),
        Markup("100%".to_owned()),
    ]);
    let Markup(table) = grid.drawn()?;
    let message = format!(
        "{} on Cloud and on Server at once, and {} no Cloud account.",
        agreeing(number("cloud_and_server"), "person", ["is", "are"]),
        agreeing(number("server_only"), "person", ["has", "have"])
    );
    let never = page.figure("consumption.server_only_never_synced");
    let pending = page.figure("consumption.pending_invitations");
    let studio = page.figure("consumption.visual_studio");
    let body = format!(
        "<figure data-chart=\"kinds\"><svg class=\"stack\" role=\"img\" aria-label=\"{}\">{parts}</svg>\
         <figcaption class=\"unseen\">{}</figcaption>{table}</figure><dl class=\"facts\"><div><dt>In \
         no Cloud report yet</dt><dd>{never}</dd></div><div><dt>Pending invitations</dt>\
         <dd>{pending}</dd></div><div><dt>With a Visual Studio subscription</dt>\
         <dd>{studio}</dd></div></dl>",
        escaped(&message),
        escaped(&message)
    );
    Ok(Section {
        id: "kinds",
        title: "Seats by kind",
        message: text(&message),
        command: command(&links.command("consumption")),
        body: Markup(body),
    })
}

fn doubles(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
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
        let figure = page.figure(&format!("duplicates.summary.{level}"));
        let Markup(figure) = links.to_findings(level, &figure);
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
    let mut grid = Grid::new(title, &[title, "", "#People"]);
    for (index, line) in lines.iter().enumerate() {
        let name = line.get(key).and_then(Value::as_str).unwrap_or_default();
        let host = line.get("host").and_then(Value::as_str);
        let Markup(shown) = text(&word(name));
        let shown = match host {
            Some(host) => format!("{shown} <span class=\"quiet\">{}</span>", text(host)),
            None => shown,
        };
        let path = format!("doubles.{list}.{index}.findings");
        grid.rows.push(vec![
            Markup(shown),
            bar(page.number(&path).unwrap_or_default(), most, "count"),
            links.to_findings(name, &page.figure(&path)),
        ]);
    }
    grid.drawn()
}

/// The findings, with names.
fn findings(page: &Document<'_>, links: &Links<'_>) -> Result<Markup> {
    let items = page.list("duplicates.items");
    // A page without people names nobody.
    let shown = if links.somebody { items.len().min(MOST) } else { 0 };
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

fn reclaim(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let mut grid = Grid::new("Seats that could be freed", &["Reason", "#Seats"]);
    let days = page.number("reclaim.idle_days").unwrap_or_default();
    let reasons = [
        ("dormant", "dormant", format!("Not active for {days} days")),
        ("never_signed_in", "never-signed-in", "Never signed in".to_owned()),
        ("pending_invitation", "pending-invitation", "Invitation not accepted".to_owned()),
    ];
    for (key, word, name) in reasons {
        let figure = page.figure_as(&format!("reclaim.summary.{key}"), "not stated");
        let is_some = page.number(&format!("reclaim.summary.{key}")).unwrap_or_default() > 0;
        let figure = if is_some { links.to_findings(word, &figure) } else { figure };
        grid.rows.push(vec![Markup(name), figure]);
    }
    grid.rows.push(vec![
        Markup("On Server only, and not idle".to_owned()),
        page.figure("reclaim.summary.server_only"),
    ]);
    let of = |key: &str| page.number(&format!("reclaim.summary.{key}")).unwrap_or_default();
    let free = of("dormant") + of("never_signed_in") + of("pending_invitation");
    let silent: Vec<String> = page
        .list("reclaim.activity_not_stated")
        .iter()
        .filter_map(Value::as_str)
        .map(|host| text(host).0)
        .collect();
    let Markup(mut body) = grid.drawn()?;
    if !silent.is_empty() {
        body += &format!(
            "<p class=\"quiet\">No file states the activity on {}: who is idle there is not known.</p>",
            silent.join(", ")
        );
    }
    let message = format!(
        "{} idle or only invited, as far as the files state it.",
        agreeing(free, "seat", ["is", "are"])
    );
    Ok(Section {
        id: "reclaim",
        title: "Seats that could be freed",
        message: text(&message),
        command: command(&links.command("reclaim")),
        body: Markup(body),
    })
}

fn organizations(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let lines = page.list("seats.lines");
    let most = lines.iter().filter_map(|it| it.get("seats")?.as_i64()).max().unwrap_or(0);
    let mut grid = Grid::new("Seats by organization", &["Organization", "", "#Seats", "#Members"]);
    for (index, line) in lines.iter().take(MOST).enumerate() {
        let part = line.get("part").and_then(Value::as_str).unwrap_or_default();
        let is_named = line.get("group").and_then(Value::as_str) == Some("named");
        let path = |key: &str| format!("seats.lines.{index}.{key}");
        let seats = page.number(&path("seats")).unwrap_or_default();
        let alone = [("org", part), ("alone", "1")];
        let values = if is_named { &alone[..] } else { &alone[..1] };
        let figure = page.figure(&path("seats"));
        let members = match is_named {
            true => links.to_people(&[("org", part)], &page.figure(&path("members"))),
            false => Markup::nothing(),
        };
        grid.rows.push(vec![
            text(part),
            bar(seats, most, if is_named { "count" } else { "count rest" }),
            if seats > 0 { links.to_people(values, &figure) } else { figure },
            members,
        ]);
    }
    grid.sum = Some(vec![
        Markup("Consumed".to_owned()),
        Markup::nothing(),
        page.figure("seats.totals.0.seats"),
        Markup::nothing(),
    ]);
    let named = lines.iter().filter(|it| it.get("group").and_then(Value::as_str) == Some("named"));
    let message = format!(
        "Seats in {}. A person in several takes one seat, in a line of its own; the members count \
         such a person in each.",
        counted(named.count() as u64, "organization")
    );
    let Markup(table) = grid.drawn()?;
    let more = left_out(lines.len().saturating_sub(MOST), "organizations", &links.command("seats"));
    let body = format!(
        "<figure data-chart=\"organizations\"><figcaption class=\"unseen\">{}</figcaption>{table}\
         {more}</figure>",
        escaped(&message)
    );
    Ok(Section {
        id: "organizations",
        title: "By organization",
        message: text(&message),
        command: command(&links.command("seats --by organization")),
        body: Markup(body),
    })
}

fn movements(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let of = |key: &str| page.number(&format!("movements.movements.{key}")).unwrap_or_default();
    let mut grid = Grid::new("Movements of seats", &["Licenses", "#"]);
    let end = |which: &str| {
        let Markup(at) = page.day(&format!("movements.{which}.at"));
        vec![Markup(format!("on {at}")), page.figure(&format!("movements.{which}.consumed"))]
    };
    grid.rows.push(end("from"));
    for (key, name, sign) in [
        ("joined", "joined", "+"),
        ("unmatched", "no longer matched, so with a seat of their own", "+"),
        ("left", "left", "−"),
        ("matched", "matched, so without a seat of their own", "−"),
    ] {
        let Markup(figure) = page.figure(&format!("movements.movements.{key}"));
        grid.rows.push(vec![
            Markup(name.to_owned()),
            Markup(format!("<span class=\"sign\">{sign}</span>{figure}")),
        ]);
    }
    grid.sum = Some(end("to"));
    let mut bridge = Grid::new(
        "Movements by source and organization",
        &["Source", "Organization", "#Joined", "#Left", "#Matched", "#Unmatched", "#Changed"],
    );
    let lines = page.list("movements.bridge");
    for (index, line) in lines.iter().take(MOST).enumerate() {
        let mut row = vec![
            text(line.get("source").and_then(Value::as_str).unwrap_or_default()),
            match line.get("organization").and_then(Value::as_str) {
                Some(name) => text(name),
                None => Markup("<span class=\"quiet\">none</span>".to_owned()),
            },
        ];
        row.extend(
            ["joined", "left", "matched", "unmatched", "changed"]
                .map(|key| page.figure(&format!("movements.bridge.{index}.{key}"))),
        );
        bridge.rows.push(row);
    }
    let Markup(mut body) = grid.drawn()?;
    if !lines.is_empty() {
        body += &bridge.folded("By source and organization")?.0;
    }
    let Markup(changed) = page.figure("movements.movements.changed");
    body += &format!("<p class=\"quiet\">Besides, {changed} stayed and changed.</p>");
    let (from, to) = (page.instant("movements.from.at"), page.instant("movements.to.at"));
    let message = match from.zip(to) {
        Some((from, to)) if from < to => format!(
            "Since {}, {} joined and {} left.",
            day(from),
            counted(of("joined"), "seat"),
            grouped(of("left"))
        ),
        _ => "There is only one snapshot, so nothing has moved yet.".to_owned(),
    };
    let raw = |which: &str| page.text(&format!("movements.{which}.at")).unwrap_or_default();
    let typed = format!("diff {} {} --summary", raw("from"), raw("to"));
    Ok(Section {
        id: "movements",
        title: "Movements",
        message: text(&message),
        command: command(&links.with_enterprise(&typed)),
        body: Markup(body),
    })
}

fn check(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let findings = page.list("check.findings");
    let mut grid = Grid::new("What is wrong", &["Severity", "Code", "What is wrong"]);
    for finding in findings {
        let of = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or_default();
        let severity = of("severity");
        grid.rows.push(vec![
            Markup(format!("<span class=\"level {0}\">{0}</span>", escaped(severity))),
            Markup(format!("<code>{}</code>", escaped(of("code")))),
            text(of("message")),
        ]);
    }
    let warnings = page.list("consumption.warnings").iter();
    let warnings = warnings.filter_map(|it| it.get("message")?.as_str());
    let warnings: Vec<String> = warnings.map(|it| format!("<li>{}</li>", text(it))).collect();
    let Markup(mut body) = match findings.is_empty() {
        true => Markup::nothing(),
        false => grid.drawn()?,
    };
    if !warnings.is_empty() {
        body += &format!("<h3>Warnings about the figures</h3><ul>{}</ul>", warnings.concat());
    }
    let is_ok = page.at("check.ok").as_bool() == Some(true);
    let message = match (is_ok, findings.len()) {
        (true, 0) => "No problem was found in the values that were checked.".to_owned(),
        (true, many) => format!("Nothing to act on; {}.", counted(many as u64, "notice")),
        (false, many) => format!("{} to look at.", counted(many as u64, "finding")),
    };
    Ok(Section {
        id: "check",
        title: "What is wrong",
        message: text(&message),
        command: command(&links.command("check")),
        body: Markup(body),
    })
}

fn sources(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let items = page.list("sources");
    let mut grid = Grid::new(
        "Sources and certificates",
        &["Source", "Kind", "Taken at", "#Rows", "Complete", "Certificate"],
    );
    let mut in_force = 0;
    for (index, item) in items.iter().enumerate() {
        let path = |key: &str| format!("sources.{index}.{key}");
        let of = |key: &str| item.get(key).and_then(Value::as_str);
        let Markup(name) = text(of("name").unwrap_or_default());
        let retired = match page.text(&path("retired_from")) {
            Some(_) => format!(" <span class=\"quiet\">retired from {}</span>", {
                page.day(&path("retired_from"))
            }),
            None => String::new(),
        };
        let has_one = !page.at(&path("in_force")).is_null();
        in_force += u64::from(has_one);
        grid.rows.push(vec![
            Markup(name + &retired),
            text(of("kind").unwrap_or_default()),
            page.figure_as(&path("in_force.taken_at"), "none yet"),
            if has_one { page.figure(&path("in_force.rows")) } else { Markup::nothing() },
            page.figure_as(&path("in_force.complete"), "not stated"),
            certificate(page, &path("in_force")),
        ]);
    }
    let missing = page.list("consumption.sources_missing");
    let names: Vec<String> =
        missing.iter().filter_map(|it| it.get("name")?.as_str()).map(|name| text(name).0).collect();
    let Markup(mut body) = grid.drawn()?;
    if !names.is_empty() {
        body += &format!(
            "<p>Without a snapshot in force, so their people are not counted: {}.</p>",
            names.join(", ")
        );
    }
    let message = format!("The figures rest on snapshots of {}.", counted(in_force, "source"));
    Ok(Section {
        id: "sources",
        title: "Sources and certificates",
        message: text(&message),
        command: command(&links.with_enterprise("snapshots")),
        body: Markup(body),
    })
}

/// What is known of the completeness of a snapshot, in a few words.
fn certificate(page: &Document<'_>, path: &str) -> Markup {
    if page.at(path).is_null() {
        return Markup::nothing();
    }
    let of = |key: &str| page.at(&format!("{path}.certificate.{key}"));
    let mut told = Vec::new();
    if let Some(total) = of("stated_total").as_i64() {
        told.push(format!("the file states {}", counted(total, "row")));
    }
    if let Some(pages) = of("pages").as_i64() {
        told.push(counted(pages, "page"));
    }
    if of("nobody_twice").as_bool() == Some(true) {
        told.push("nobody twice".to_owned());
    }
    let mut shown = vec![escaped(&told.join(", "))];
    if let Some(short) = of("short").as_str() {
        shown.push(text(short).0);
    }
    if let Some(reason) = page.text(&format!("{path}.accepted_short")) {
        shown.push(format!("accepted although short: {}", text(reason)));
    }
    let hash: String =
        page.text(&format!("{path}.sha256")).unwrap_or_default().chars().take(12).collect();
    shown.push(format!("<span class=\"quiet\">SHA-256 {}…</span>", escaped(&hash)));
    shown.retain(|it| !it.is_empty());
    Markup(shown.join("; "))
}

fn basis(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let mut told = vec![format!(
        "Everything on this page is an answer about one instant: {}.",
        page.figure("as_of")
    )];
    if page.text("known_on").is_some() {
        told.push(format!(
            "It uses only what had been imported or declared by {}.",
            page.figure("known_on")
        ));
    }
    for model in page.list("consumption.billing_models") {
        let of = |key: &str| text_or_unknown(model.get(key).and_then(Value::as_str));
        told.push(format!("The billing model of {} is {}.", of("enterprise"), of("model")));
    }
    if page.at("position").is_null() {
        told.push(format!(
            "Position and cost: {}, since no contract is recorded.",
            page.figure_as("position", "not known")
        ));
    }
    for (index, it) in page.list("left_out").iter().enumerate() {
        let what = match it.get("what").and_then(Value::as_str).unwrap_or_default() {
            "people" => "people are not on this page",
            "findings" => "findings are not listed on this page",
            "idle" => "idle seats are not listed on this page",
            other => other,
        };
        let count = page.figure(&format!("left_out.{index}.count"));
        let with = command(it.get("command").and_then(Value::as_str).unwrap_or_default());
        told.push(format!("{count} {what}: {with} lists them."));
    }
    told.push(format!(
        "Matching and counting follow the documented rules; {} proves that nothing stored was changed \
         since.",
        command("oneseat verify")
    ));
    let told: Vec<String> = told.iter().map(|it| format!("<li>{it}</li>")).collect();
    Ok(Section {
        id: "basis",
        title: "What the figures rest on",
        message: Markup::nothing(),
        command: command(&links.command("page --json")),
        body: Markup(format!("<ul class=\"basis\">{}</ul>", told.concat())),
    })
}
