// Test 5: without JavaScript the page holds the same, and in print nothing of the headline is lost.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { opened, short } from "../browser.mjs";
import { shownFigures } from "./figures.mjs";

export async function withoutScript(browser, { file }) {
  const seen = [];
  const problems = [];
  for (const javaScriptEnabled of [true, false]) {
    const { page, faults, close } = await opened(browser, file, { javaScriptEnabled, wait: javaScriptEnabled });
    const figures = (await shownFigures(page)).map((it) => `${it.path} = ${it.raw ?? ""} "${it.text}"`);
    seen.push({ figures, ...(await page.evaluate(contents)) });
    if (!javaScriptEnabled) problems.push(...(await page.evaluate(idle)));
    problems.push(...faults);
    await close();
  }
  const [with_, without] = seen;
  for (const part of Object.keys(with_)) {
    const lost = with_[part].filter((it) => !without[part].includes(it));
    if (lost.length) problems.push(`${lost.length} of ${with_[part].length} ${part} are lost without JavaScript, first ${short(lost[0])}`);
  }
  return { problems, figures: { tables: without.rows.length } };
}

// Runs in the page: what is drawn, and what stands in rows.
function contents() {
  const texts = (selector) => [...document.querySelectorAll(selector)].map((it) => it.textContent.replace(/\s+/g, " ").trim());
  return {
    charts: [...document.querySelectorAll("svg [d], svg rect")].map((it) => it.outerHTML),
    rows: texts("tbody tr, tfoot tr"),
    sentences: texts("main p:not(#people p), summary, h2"),
  };
}

// Runs in the page: what cannot work without a script is not there to be tried.
function idle() {
  const controls = [...document.querySelectorAll("input, select, button")].filter((it) => it.checkVisibility() && !it.disabled);
  return controls.map((it) => `without JavaScript a ${it.localName} "${it.textContent.slice(0, 20)}" can be used, and does nothing`);
}

// The PDF as somebody prints it, by a page with and one without JavaScript.
export async function printed(browser, { file, answer }, keep) {
  const problems = [];
  let sheets = 0;
  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "the PDF" : "the PDF without JavaScript";
    const { page, faults, close } = await opened(browser, file, { javaScriptEnabled, wait: javaScriptEnabled });
    const told = await page.evaluate(headline);
    const path = keep ?? `${file}.pdf`;
    await page.pdf({ path, format: "A4", preferCSSPageSize: true });
    const texts = pdf(["-layout", path, "-"]).split("\f").slice(0, -1);
    sheets = texts.length;
    const [first] = texts;
    for (const value of told) if (!first.includes(value)) problems.push(`the first sheet of ${how} has no ${short(value)}`);
    const head = answer.head?.slice(0, 12) ?? "none";
    const without = texts.filter((it) => !it.includes(head) || !it.includes(answer.as_of.slice(0, 10))).length;
    if (without) problems.push(`${without} of ${texts.length} sheets of ${how} have no instant or no head of the journal at the foot`);
    problems.push(...beyond(path, how), ...repeated(texts, how));
    await page.emulateMedia({ media: "print" });
    // As wide as A4 within the page's own margins.
    await page.setViewportSize({ width: 688, height: 1000 });
    problems.push(...(await page.evaluate(clipped)), ...faults);
    await close();
    if (!keep) fs.rmSync(path);
  }
  return { problems, figures: { sheets } };
}

function pdf(words) {
  const done = spawnSync("pdftotext", words, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (done.error || done.status !== 0) throw new Error(`pdftotext (Debian's package poppler-utils): ${done.error ?? done.stderr}`);
  return done.stdout;
}

// Runs in the page: the title, the figures of the headline, and what stands beside them.
function headline() {
  const shown = [...document.querySelectorAll("#headline .hero .label, #headline .hero [data-figure]")].map((it) => it.textContent.trim());
  return [...shown, document.querySelector("h1").textContent.trim()];
}

// Words of the PDF that stand beyond the sheet.
function beyond(path, how) {
  const text = pdf(["-bbox", path, "-"]);
  const problems = [];
  let [width, height] = [0, 0];
  for (const [, page, word] of text.matchAll(/<page ([^>]*)>|<word ([^<]*)</g)) {
    const of = Object.fromEntries([...(page ?? word).matchAll(/(\w+)="([\d.-]+)"/g)].map((it) => [it[1], Number(it[2])]));
    if (page) [width, height] = [of.width, of.height];
    else if (of.xMin < 0 || of.yMin < 0 || of.xMax > width + 0.5 || of.yMax > height + 0.5) problems.push(word.split(">")[1]);
  }
  return problems.length ? [`${problems.length} words of ${how} stand beyond the sheet, first ${short(problems[0])}`] : [];
}

// Where the table of people goes on, its header does, too.
function repeated(texts, how) {
  const people = texts.filter((it) => (it.match(/^ *\S+.* (Cloud only|Cloud and Server|Server only)\b/gm) ?? []).length > 8);
  const without = people.filter((it) => !/Login.*Name.*Kind/.test(it)).length;
  return without ? [`${without} of ${people.length} sheets with people in ${how} have no header row`] : [];
}

// Runs in the page, laid out for print: nothing of a chart or a figure is cut, and controls are gone.
function clipped() {
  const problems = [];
  const width = document.documentElement.clientWidth;
  const cut = (it) => {
    const { left, right } = it.getBoundingClientRect();
    return left < -1 || right > width + 1;
  };
  for (const it of document.querySelectorAll("svg, svg text, svg circle, .hero [data-figure], h2")) {
    if (it.checkVisibility() && cut(it)) problems.push(`in print ${it.localName} "${it.textContent.slice(0, 40)}" is cut`);
  }
  for (const it of document.querySelectorAll(".hero [data-figure], .hero .label, figure[data-chart] svg")) {
    if (!it.checkVisibility({ visibilityProperty: true })) problems.push(`in print ${it.localName} "${it.textContent.slice(0, 40)}" is not there`);
  }
  for (const it of document.querySelectorAll("main table")) {
    if (it.checkVisibility() && cut(it)) problems.push(`in print the table "${it.caption?.textContent ?? ""}" is wider than the sheet`);
  }
  for (const it of document.querySelectorAll("nav, input, select, .pager button")) {
    if (it.checkVisibility()) problems.push(`in print there is a ${it.localName}`);
  }
  for (const it of document.querySelectorAll("details")) {
    const rows = it.querySelectorAll("tbody tr").length;
    const isOpen = [...it.querySelectorAll("tbody")].every((body) => body.checkVisibility({ contentVisibilityAuto: true }) && body.getBoundingClientRect().height > 0);
    if (rows <= 40 && !isOpen) problems.push(`in print the ${rows} rows of "${it.querySelector("summary").textContent}" stay folded`);
  }
  return problems;
}
