// Test 4: every figure of the page is the one in the JSON answer of the same instant, and so is every list that a
// figure links to, and every command that the page names.

import { opened, short } from "../browser.mjs";
import { ran } from "../program.mjs";

// What a page must show, whatever else it shows.
const MUST = [
  "as_of", "head", "consumption.consumed", "consumption.purchased", "consumption.available",
  "consumption.reported.consumed", "consumption.seats.cloud_only", "consumption.seats.cloud_and_server",
  "consumption.seats.server_only", "trend.peak.consumed", "trend.peak.at", "duplicates.summary.certain",
  "duplicates.summary.likely", "duplicates.summary.possible", "duplicates.summary.licenses",
];

// The figures that a page shows, as they stand in it.
export function shownFigures(page) {
  return page.evaluate(() => [...document.querySelectorAll("[data-figure]")].map((it) => ({
    path: it.dataset.figure,
    text: it.textContent.trim(),
    raw: it.getAttribute("value") ?? it.getAttribute("datetime"),
    link: it.closest("a")?.getAttribute("href") ?? null,
  })));
}

export async function figures(browser, { file, answer }) {
  const { page, faults, close } = await opened(browser, file);
  const shown = await shownFigures(page);
  const problems = shown.map((it) => problemOf(it, answer)).filter(Boolean);
  const paths = new Set(shown.map((it) => it.path));
  for (const path of MUST) if (!paths.has(path)) problems.push(`${path} is not shown`);
  const points = valueAt(answer, "trend.points") ?? [];
  for (let at = 0; at < points.length; at += 1) {
    if (!paths.has(`trend.points.${at}.consumed`)) problems.push(`trend.points.${at}.consumed is not shown`);
  }
  problems.push(...(await chart(page, answer)), ...(await linked(page, shown)), ...faults);
  await close();
  return { problems, figures: { figures: shown.length } };
}

// The value at a path. What belongs to nothing is nothing.
function valueAt(answer, path) {
  return path.split(".").reduce((value, step) => (value === null || value === undefined ? value : value[step]), answer);
}

function problemOf({ path, text, raw }, answer) {
  const value = valueAt(answer, path);
  const wrong = (how) => `${path}: ${how}; the answer has ${short(JSON.stringify(value))}, the page "${short(text)}"${raw === null ? "" : ` (${short(raw)})`}`;
  if (value === undefined) return wrong("there is no such value");
  if (value === null) return raw === null && /\p{L}{2}/u.test(text) && !/\d/.test(text) ? null : wrong("null must be said in words");
  if (typeof value === "object") return wrong("no single value");
  // 276.0 in the answer is 276 here.
  const isSame = typeof value === "number" ? Number(raw) === value : raw === String(value);
  if (raw !== null && !isSame) return wrong("another value");
  const plain = text.replace(/[\s,\u00a0\u202f']/g, "").replace("\u2212", "-").replace(/^\+/, "");
  // A text that looks like a number is one that people will read as the figure.
  if (typeof value === "number" && /^-?[\d.]+$/.test(plain)) return Number(plain) === value ? null : wrong("another number is to be read");
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return isThatTime(text, value) ? null : wrong("another time is to be read");
  if (raw !== null) return text ? null : wrong("nothing is to be read");
  return text === String(value) ? null : wrong("another text");
}

// `29 Jun 2026, 06:00 UTC`, `29 Jun 2026`, or as in the answer.
function isThatTime(text, value) {
  if (text === value) return true;
  const [day, time] = text.replace(" UTC", "").split(", ");
  const at = new Date(`${day}${time ? ` ${time}` : ""} UTC`);
  if (Number.isNaN(at.getTime())) return false;
  const length = time ? 16 : 10;
  return at.toISOString().slice(0, length) === value.slice(0, length);
}

// The line of the chart has a step for each change of the numbers beside it, and its heights have their proportions.
async function chart(page, answer) {
  const path = await page.evaluate(() => document.querySelector("figure[data-chart=trend] path[data-series=consumed]")?.getAttribute("d"));
  if (!path) return ["the trend has no path of what is consumed"];
  const values = answer.trend.points.map((it) => it.consumed);
  const end = answer.consumption.consumed;
  if (values.at(-1) !== end) values.push(end);
  const steps = values.filter((it, at) => at === 0 || it !== values[at - 1]);
  const heights = [...path.matchAll(/M[\d.]+[ ,]([\d.]+)|V([\d.]+)/g)].map((it) => Number(it[1] ?? it[2]));
  const drawn = heights.filter((it, at) => at === 0 || it !== heights[at - 1]);
  if (drawn.length !== steps.length) return [`the chart has ${drawn.length} levels, the answer ${steps.length}`];
  const [least, most] = [Math.min(...steps), Math.max(...steps)];
  if (least === most) return [];
  const [top, bottom] = [drawn[steps.indexOf(most)], drawn[steps.indexOf(least)]];
  const wrong = steps.filter((it, at) => Math.abs(drawn[at] - (bottom + ((it - least) / (most - least)) * (top - bottom))) > 0.2);
  return wrong.length ? [`the chart draws ${wrong.length} values at a wrong height`] : [];
}

// Behind a count of people stand as many people.
async function linked(page, shown) {
  const problems = [];
  for (const [link, of] of new Map(shown.filter((it) => it.link?.startsWith("#people")).map((it) => [it.link, it]))) {
    await page.evaluate((to) => { location.hash = to; }, link);
    await page.waitForTimeout(30);
    const status = (await page.locator("#people [role=status]").textContent()).trim();
    const [found] = status.replaceAll(",", "").match(/\d+/) ?? [];
    const meant = of.raw ?? of.text.replaceAll(",", "");
    if (found !== meant) problems.push(`${of.path} is ${meant}, but ${link} leads to "${status}"`);
  }
  return problems;
}

// Each command that the page names gives the part of the answer that stands beside it.
export function commands({ db, html, answer }) {
  const named = new Set([...html.matchAll(/<p class="command"><code>oneseat ([^<]*)<\/code>/g)].map((it) => it[1]));
  const problems = [];
  const parts = { consumption: "consumption", trend: "trend", duplicates: "duplicates", reclaim: "reclaim", seats: "seats", diff: "movements", check: "check" };
  for (const [command, part] of Object.entries(parts)) {
    const words = [...named].find((it) => it.split(" ")[0] === command)?.split(" ");
    if (!words) {
      problems.push(`no command ${command} is named`);
      continue;
    }
    const own = JSON.parse(ran([...words, "--json"], { db, codes: [0, 1] }).bytes.toString("utf8"));
    const path = differs(own, answer[part], part);
    if (path) problems.push(`oneseat ${words.join(" ")} answers otherwise at ${path}`);
  }
  return { problems, figures: { commands: named.size } };
}

function differs(one, other, path) {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other ? null : path;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = differs(one[key], other[key], `${path}.${key}`);
    if (found) return found;
  }
  return null;
}
