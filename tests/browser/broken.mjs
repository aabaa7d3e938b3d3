// A test that cannot fail proves nothing: each of these pages is broken in one way, and one of the tests must say so.

import fs from "node:fs";
import { accessible } from "./checks/accessible.mjs";
import { figures } from "./checks/figures.mjs";
import { hostileTexts } from "./checks/hostile.mjs";
import { keyboard } from "./checks/keyboard.mjs";
import { looks } from "./checks/looks.mjs";
import { hashOf, oneFile } from "./checks/one-file.mjs";
import { printed, withoutScript } from "./checks/print.mjs";

// A change must change something.
function replaced(html, from, to) {
  const changed = html.replace(from, to);
  if (changed === html) throw new Error(`nothing to break: ${from}`);
  return changed;
}

// The script or the style changed, and the policy made to allow it.
function rewritten(html, element, from, to) {
  const [, old] = html.match(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`));
  const changed = replaced(old, from, to);
  return html.replace(old, () => changed).replace(hashOf(old), () => hashOf(changed));
}

const consumed = /(<data data-figure="consumption\.consumed" value=")(\d+)(">)([\d,]+)/;
const one = (text) => String(Number(text.replaceAll(",", "")) + 1);

// One width and one theme will do to see that something is wrong.
const axe = (browser, page) => accessible(browser, page, { widths: [1280], schemes: ["light"], states: ["as it opens"] });
const look = (browser, page) => looks(browser, page, { widths: [820], schemes: ["light"] });

// What is broken, how, and the test that must see it.
const WAYS = [
  ["innerHTML in the script", "hostile", (html) => rewritten(html, "script", /(\w+)\.textContent = (printable\(String\(text\)\));/, "$1.innerHTML = String(text);"), hostileTexts],
  ["innerHTML in the script", "demo", (html) => rewritten(html, "script", "\"use strict\";", "\"use strict\";\nconst put = (it, text) => { it.innerHTML = text; };"), oneFile],
  ["eval in the script", "demo", (html) => rewritten(html, "script", "\"use strict\";", "\"use strict\";\nconst run = (text) => eval(text);"), oneFile],
  ["a request by the script", "demo", (html) => rewritten(html, "script", "\"use strict\";", "\"use strict\";\nwindow['fet' + 'ch']('https://evil.example/').catch(() => {});"), oneFile],
  ["a script that the policy does not name", "demo", (html) => replaced(html, "</body>", "<script>1</script></body>"), oneFile],
  ["a weaker policy", "demo", (html) => replaced(html, "default-src 'none'", "default-src *"), oneFile],
  ["a style attribute", "demo", (html) => replaced(html, "<h1", "<h1 style=\"color:red\""), oneFile],
  ["a handler attribute", "demo", (html) => replaced(html, "<h1", "<h1 onclick=\"alert(1)\""), oneFile],
  ["an external image", "demo", (html) => replaced(html, "</h1>", "</h1><img src=\"https://evil.example/pixel.png\" alt=\"\">"), oneFile],
  ["an external style", "demo", (html) => rewritten(html, "style", "body {", "@import \"https://evil.example/a.css\";\nbody {"), oneFile],
  ["a link that leads out", "demo", (html) => replaced(html, "</h1>", "</h1><a href=\"https://evil.example/\">more</a>"), oneFile],
  ["a figure off by one", "demo", (html) => replaced(html, consumed, (_, a, value, b) => a + one(value) + b + one(value)), figures],
  ["a figure that is read off by one", "demo", (html) => replaced(html, consumed, (_, a, value, b, text) => a + value + b + one(text)), figures],
  ["a figure without its path", "demo", (html) => html.replaceAll("data-figure=\"consumption.available\"", ""), figures],
  ["a chart off by some", "demo", (html) => replaced(html, /(data-series="consumed"[^>]* d="[^"]*V)([\d.]+)(H[\d.]+V)/, (_, a, y, b) => a + (Number(y) + 20).toFixed(1) + b), figures],
  ["a day off by one", "demo", (html) => replaced(html, /(data-figure="as_of"[^>]*>)(\d+)/, (_, a, day) => a + (Number(day) - 1)), figures],
  ["a figure that only a script shows", "demo", (html) => replaced(rewritten(html, "script", "\"use strict\";", "\"use strict\";\nfor (const it of document.querySelectorAll('.hero [hidden]')) it.hidden = false;\nfor (const it of document.querySelectorAll('.hero [data-later]')) it.dataset.figure = it.dataset.later;"), "data-figure=\"consumption.purchased\"", "data-later=\"consumption.purchased\""), withoutScript],
  ["a headline that is not printed", "demo", (html) => rewritten(html, "style", /$/, "\n@media print { .hero { display: none; } }\n"), printed],
  ["a chart that is cut in print", "demo", (html) => rewritten(html, "style", /$/, "\n@media print { svg.chart { width: 900px !important; } }\n"), printed],
  ["a text too pale", "demo", (html) => rewritten(html, "style", "body {", ".message { color: #bbbbbb !important; }\nbody {"), axe],
  ["a field without a name", "demo", (html) => replaced(html, /<label>Kind /, "<label>"), axe],
  ["a focus that nobody sees", "demo", (html) => rewritten(html, "style", /$/, "\n* { outline: none !important; }\n"), keyboard],
  ["a button that no key reaches", "demo", (html) => replaced(html, /<button type="button" data-go="1"/, "<button type=\"button\" tabindex=\"-1\" data-go=\"1\""), keyboard],
  ["a line wider than the window", "demo", (html) => rewritten(html, "style", /$/, "\nh1 { min-width: 900px; }\n"), look],
  ["two figures on one another", "demo", (html) => rewritten(html, "style", /$/, "\n.hero .label { margin-bottom: -30px; }\n"), look],
];

export async function broken(browser, demo, evil) {
  const problems = [];
  for (const [what, of, change, check] of WAYS) {
    const whole = of === "demo" ? demo : evil;
    const file = whole.file.replace(/\.html$/, "-broken.html");
    const html = change(whole.html);
    fs.writeFileSync(file, html);
    const { problems: seen } = await check(browser, { ...whole, file, html });
    // What was wrong before is not seen because of this.
    const before = new Set((await known(browser, check, whole)).map(bare));
    if (seen.every((it) => before.has(bare(it)))) problems.push(`${what}: ${check.name} does not see it`);
    fs.rmSync(file);
  }
  return { problems, figures: { ways: WAYS.length } };
}

const bare = (problem) => problem.replace(/-broken\b/g, "");

// What the test says of the page as it is.
const said = new Map();
async function known(browser, check, whole) {
  const key = `${check.name} ${whole.file}`;
  if (!said.has(key)) said.set(key, (await check(browser, whole)).problems);
  return said.get(key);
}
