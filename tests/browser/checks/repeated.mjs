// Test 7: the same question gives the same bytes, and a page under pseudonyms names nobody.

import fs from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { short } from "../browser.mjs";
import { ran } from "../program.mjs";

export function repeated(place, { db, words, html }) {
  const file = path.join(place, "again.html");
  ran(["page", ...words, "-o", file], { db });
  const again = fs.readFileSync(file, "utf8");
  const problems = [];
  if (again !== html) {
    const at = [...html].findIndex((it, index) => it !== again[index]);
    problems.push(`two runs differ at character ${at}: "${short(html.slice(at - 40, at + 40))}"`);
  }
  const mode = fs.statSync(file).mode & 0o777;
  if (mode !== 0o600) problems.push(`the file has the mode ${mode.toString(8)}, not 600`);
  const piped = ran(["page", ...words, "-o", "-"], { db }).bytes.toString("utf8");
  if (piped !== html) problems.push("standard output gets another page than a file");
  fs.rmSync(file);
  return { problems, figures: {} };
}

// Everything that a page holds, packed data too, as one text in which no character is escaped.
export function unpacked(html) {
  const parts = [html];
  for (const [, attributes, text] of html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
    if (/data-packed/.test(attributes)) parts.push(gunzipSync(Buffer.from(text, "base64")).toString("utf8"));
  }
  return parts.join("\n")
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    .replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", "\"").replaceAll("&#39;", "'")
    .toLowerCase();
}

// What the database knows of people: in every snapshot, not only in those in force.
function known(db) {
  const of = (sql) => JSON.parse(ran(["query", sql, "--json"], { db }).bytes.toString("utf8"));
  const texts = (sql) => {
    const answer = of(sql);
    const rows = answer.rows ?? answer.items ?? answer;
    return rows.flatMap((row) => (Array.isArray(row) ? row : Object.values(row))).filter((it) => typeof it === "string");
  };
  return {
    logins: texts("SELECT DISTINCT login FROM account_history WHERE login IS NOT NULL"),
    names: texts("SELECT DISTINCT name FROM account_history WHERE name IS NOT NULL"),
    addresses: texts("SELECT DISTINCT address FROM emails WHERE address IS NOT NULL"),
  };
}

export function pseudonymous(place, { db, html }) {
  const file = path.join(place, "pseudonyms.html");
  const key = path.join(place, "pseudonyms.key");
  const config = path.join(place, "pseudonyms.toml");
  if (!fs.existsSync(key)) ran(["privacy", "new-key", key]);
  fs.writeFileSync(config, `[privacy]\nkey_file = ${JSON.stringify(key)}\n`);
  const words = ["--pseudonyms", "--config", config];
  ran(["page", ...words, "-o", file], { db });
  const made = fs.readFileSync(file, "utf8");
  const { problems } = repeated(place, { db, words, html: made });
  const hidden = unpacked(made);
  const open = unpacked(html);
  let searched = 0;
  for (const [what, texts] of Object.entries(known(db))) {
    const words = [...new Set(texts.map((it) => it.trim().toLowerCase()).filter((it) => it.length > 3))];
    searched += words.length;
    // The search must be able to find them.
    const found = words.filter((it) => open.includes(it)).length;
    if (found < words.length / 3) problems.push(`of ${words.length} ${what} only ${found} stand in the page with names: the search is blind`);
    const told = words.filter((it) => hidden.includes(it));
    if (told.length) problems.push(`under pseudonyms ${told.length} ${what} are told, first ${short(told[0])}`);
  }
  return { problems, figures: { searched } };
}
