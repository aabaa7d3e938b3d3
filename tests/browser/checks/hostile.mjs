// Test 6: whatever stands in the data is text.

import { opened, short } from "../browser.mjs";
import { shownTexts } from "../hostile.mjs";

const HASHES = [
  "#people?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "#people?org=%3C/script%3E&kind=__proto__&sort=constructor&page=-1",
  "#person?seat=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "#people?q=%E0%A4%A", "#person?seat=%", "#people?page=1e99",
  "#people?sort=-&finding=toString", "#person", "#<img src=x onerror=alert(1)>",
];

export async function hostileTexts(browser, { file, title, enterprise }) {
  const { page, faults, close } = await opened(browser, file);
  const problems = [];
  let seen = await page.evaluate(nodes);
  const texts = [seen.text];
  const static_ = await page.evaluate(rows);
  // The rows that the script writes are those that stood there before.
  await page.evaluate(() => { location.hash = "#people?q=&page=1"; });
  await page.waitForTimeout(100);
  const written = await page.evaluate(rows);
  const other = static_.findIndex((it, at) => it !== written[at]);
  if (other >= 0) problems.push(`row ${other} is "${short(static_[other])}" without a script, "${short(written[other])}" with it`);

  const links = await page.evaluate(everybody);
  for (const link of links) {
    await page.evaluate((to) => { location.hash = to; }, link);
    await page.waitForFunction((to) => location.hash === to && !document.getElementById("person").hidden, link);
    await page.waitForTimeout(5);
    seen = await page.evaluate(nodes);
    texts.push(await page.evaluate(() => document.getElementById("person").textContent));
    if (seen.strange.length) problems.push(`${short(link)}: ${short(seen.strange[0])}`);
    if (/seat/.test(texts.at(-1)) && /Nobody on this page/.test(texts.at(-1))) problems.push(`${short(link)} leads to nobody`);
  }
  for (const hash of HASHES) {
    await page.evaluate((to) => { location.hash = to; }, hash);
    await page.waitForTimeout(30);
    problems.push(...(await page.evaluate(nodes)).strange);
  }
  problems.push(...seen.strange, ...faults);

  // Signs for characters that a browser would obey are those characters.
  const all = plain(texts.join("\n"));
  const wanted = { ...shownTexts(), title: [title], enterprise: [enterprise] };
  let found = 0;
  for (const [field, list] of Object.entries(wanted)) {
    const lost = list.filter((it) => !all.includes(plain(it)));
    found += list.length - lost.length;
    if (lost.length) problems.push(`${lost.length} of ${list.length} texts of the field ${field} are not shown, first ${short(lost[0])}`);
  }
  await close();
  return { problems: [...new Set(problems)], figures: { texts: found, people: links.length } };
}

// Blanks at the ends of a text, and characters of no width, say nothing.
function plain(text) {
  return text.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16))).replace(/\s+/g, " ");
}

// Runs in the page: its text, and nodes that no page has.
function nodes() {
  const known = new Set(("html head meta title style body script a header p h1 h2 h3 h4 nav ul li main section div span dl dt dd data time bdi code " +
    "svg path rect line text tspan circle g defs pattern figure figcaption table caption thead tbody tfoot tr th td details summary label input " +
    "select option button noscript footer br strong em small abbr").split(" "));
  const strange = [];
  const attributes = new Set();
  for (const it of document.querySelectorAll("*")) {
    if (!known.has(it.localName)) strange.push(`a node ${it.localName}: ${it.outerHTML.slice(0, 100)}`);
    for (const { name } of it.attributes) {
      attributes.add(name);
      if (name.startsWith("on") || ["style", "src", "autofocus", "srcdoc"].includes(name)) strange.push(`an attribute ${name}: ${it.outerHTML.slice(0, 100)}`);
    }
  }
  const scripts = [...document.querySelectorAll("script:not([type='application/json'])")].length;
  if (scripts > 1) strange.push(`${scripts} scripts`);
  if (document.querySelectorAll("style").length > 1) strange.push("two styles");
  if (getComputedStyle(document.querySelector("h1")).display === "none") strange.push("the page is hidden");
  // Characters that change the direction of a text stand in it as signs, or are isolated from what follows.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let it = walker.nextNode(); it; it = walker.nextNode()) {
    const parent = it.parentElement;
    if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(parent.tagName)) continue;
    if (/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(it.data) && !parent.closest("bdi, option")) strange.push(`a direction in ${parent.localName}: ${it.data.slice(0, 60)}`);
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(it.data)) strange.push(`a control character in ${parent.localName}: ${it.data.slice(0, 60)}`);
  }
  return { strange, text: document.body.innerText + document.body.textContent + document.title };
}

// Runs in the page: the rows as they are.
function rows() {
  return [...document.querySelectorAll("#people tbody tr")].map((it) => [...it.children].map((cell) => cell.textContent).join(" | "));
}

// Runs in the page: the links to all people, page by page.
async function everybody() {
  const links = [];
  const next = [...document.querySelectorAll("#people .pager button, #people button")].find((it) => /next/i.test(it.textContent));
  for (;;) {
    links.push(...[...document.querySelectorAll("#people tbody tr a")].map((it) => it.getAttribute("href")));
    if (!next || next.disabled || next.closest("[hidden]")) return links;
    next.click();
    await new Promise((done) => setTimeout(done, 20));
  }
}
