// Test 2: bytes, the time to make the page, and the times that somebody waits in it.

import { median, opened } from "../browser.mjs";
import { ran } from "../program.mjs";

const RUNS = 5;

export function bytes({ answer, html }, most) {
  const size = Buffer.byteLength(html);
  const { embedded, total } = answer.people;
  const problems = size > most ? [`${size} bytes, over ${most}`] : [];
  // A page that leaves somebody out is small without merit.
  if (total <= 100_000 && embedded !== total) problems.push(`${embedded} of ${total} people are embedded`);
  return { problems, figures: { bytes: size, embedded } };
}

// Making a page takes no longer than the commands that it names, one after another, and a second. On a machine that
// does other things besides, the faster of two runs is taken: one before the commands, one after them.
export function making({ db, words, html, seconds: before }) {
  const commands = new Set([...html.matchAll(/<p class="command"><code>oneseat ([^<]*)<\/code>/g)].map((it) => it[1]));
  // The page itself is none of them.
  const others = [...commands].filter((it) => !it.startsWith("page"));
  let sum = 0;
  for (const command of others) sum += ran([...command.split(" "), "--json"], { db, codes: [0, 1] }).seconds;
  const seconds = Math.min(before, ran(["page", ...words, "-o", "-"], { db }).seconds);
  const problems = seconds > sum + 1 ? [`made in ${seconds.toFixed(2)} s; its ${others.length} commands take ${sum.toFixed(2)} s`] : [];
  if (others.length < 8) problems.push(`the page names ${others.length} commands only`);
  return { problems, figures: { made: seconds, named: sum } };
}

// The median of five openings. The first key stroke of each is the slowest, since nothing is prepared, and so is the
// first sort by a column.
export async function waits(browser, { file }, limits) {
  const taken = { ready: [], key: [], next: [], sort: {} };
  const problems = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { page, faults, close } = await opened(browser, file);
    taken.ready.push(await page.evaluate(() => window.readyAfter));
    await page.evaluate(measure);
    const search = page.locator("#people input[type=search]");
    await search.focus();
    const keys = [];
    for (const key of ["m", "a", "r"]) {
      await page.evaluate(() => window.begin("input"));
      await page.keyboard.press(key);
      keys.push(await page.evaluate(() => window.waited));
    }
    taken.key.push(keys[0]);
    taken.next.push(...keys.slice(1));
    await page.evaluate(() => window.begin("input"));
    await search.fill("");
    await page.evaluate(() => window.waited);
    const buttons = page.locator("#people th[aria-sort] button");
    for (let at = 0; at < (await buttons.count()); at += 1) {
      const name = await buttons.nth(at).textContent();
      await page.evaluate(() => window.begin("click"));
      await buttons.nth(at).focus();
      await page.keyboard.press("Enter");
      (taken.sort[name] ??= []).push(await page.evaluate(() => window.waited));
    }
    problems.push(...faults);
    await close();
  }
  const sorts = Object.entries(taken.sort).map(([name, times]) => [name, median(times)]);
  const [column, slowest] = sorts.reduce((a, b) => (b[1] > a[1] ? b : a), ["none", 0]);
  if (sorts.length < 2) problems.push("fewer than two columns can be sorted by");
  const figures = { ready: median(taken.ready), key: median(taken.key), next: median(taken.next), sort: slowest };
  for (const name of ["ready", "key", "next", "sort"]) {
    const most = limits[name === "next" ? "key" : name];
    if (figures[name] > most) problems.push(`${name}${name === "sort" ? ` by ${column}` : ""}: ${figures[name].toFixed(0)} ms, over ${most}`);
  }
  return { problems, figures };
}

// Runs in the page: from the event until the rows or the number found have changed and stand where they will stand.
function measure() {
  window.begin = (type) => {
    window.waited = new Promise((told) => {
      let begun;
      const table = document.getElementById("people");
      const seen = new MutationObserver(() => {
        if (begun === undefined) return;
        seen.disconnect();
        document.body.getBoundingClientRect();
        told(performance.now() - begun);
      });
      addEventListener(type, (event) => { begun = event.timeStamp; }, { capture: true, once: true });
      for (const it of table.querySelectorAll("tbody, [role=status]")) {
        seen.observe(it, { childList: true, subtree: true, characterData: true });
      }
      // Nothing changed where nothing needed to, such as where every row is found.
      setTimeout(() => told(Number.NaN), 20_000);
    });
    return undefined;
  };
}
