// Makes the pages, holds the nine tests of page.md against them, and prints what was measured. Exits with 1 if a test
// fails. `--full` takes a year of history, and 1,000,000 people, too; `--small` only the demo; `--shots DIR` keeps
// pictures and a PDF; `--data DIR` keeps what is made; `--only "9 looks"` runs the tests whose names begin so.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { broken } from "./broken.mjs";
import { launched } from "./browser.mjs";
import { accessible } from "./checks/accessible.mjs";
import { commands, figures } from "./checks/figures.mjs";
import { hostileTexts } from "./checks/hostile.mjs";
import { keyboard } from "./checks/keyboard.mjs";
import { fits, looks } from "./checks/looks.mjs";
import { oneFile } from "./checks/one-file.mjs";
import { printed, withoutScript } from "./checks/print.mjs";
import { pseudonymous, repeated } from "./checks/repeated.mjs";
import { bytes, making, waits } from "./checks/size.mjs";
import { hostile } from "./hostile.mjs";
import { answered, demo, made, program } from "./program.mjs";

const { values } = parseArgs({ options: {
  full: { type: "boolean", default: false },
  shots: { type: "string" },
  data: { type: "string" },
  only: { type: "string" },
  small: { type: "boolean", default: false },
} });

// Milliseconds that somebody waits at most at 100,000 people.
const LIMITS = { ready: 1500, key: 100, sort: 300 };
const TITLE = "</title><img src=x onerror=alert(1)> \u202e";

const place = values.data ?? fs.mkdtempSync(path.join(os.tmpdir(), "oneseat-browser-"));
fs.mkdirSync(place, { recursive: true });
if (values.shots) fs.mkdirSync(values.shots, { recursive: true });
if (!fs.existsSync(program)) {
  console.error(`no program at ${program}: build it (cargo build --release), or name it in ONESEAT_BIN`);
  process.exit(1);
}

const browser = await launched();
const lines = [];
let failed = 0;

// Runs a test, and keeps its figures as a line of the table.
async function test(name, of, run) {
  if (values.only && !name.startsWith(values.only)) return;
  const begun = performance.now();
  let problems, measured;
  try {
    ({ problems, figures: measured } = await run());
  } catch (error) {
    [problems, measured] = [[String(error.stack ?? error)], {}];
  }
  const told = Object.entries(measured).map(([key, value]) => `${key} ${shown(key, value)}`).join(", ");
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  lines.push([problems.length ? "FAILS" : "holds", name, of, told, `${seconds} s`]);
  console.log(lines.at(-1).filter(Boolean).join("  "));
  for (const problem of problems.slice(0, 12)) console.log(`    ${problem}`);
  if (problems.length > 12) console.log(`    and ${problems.length - 12} more`);
  if (problems.length) failed += 1;
}

function shown(key, value) {
  if (["ready", "key", "next", "sort"].includes(key)) return `${value.toFixed(0)} ms`;
  if (["made", "named"].includes(key)) return `${value.toFixed(2)} s`;
  return typeof value === "number" ? value.toLocaleString("en") : String(value);
}

try {
  const small = made(place, "demo", demo(place, 400));
  await test("1 one file", "demo", () => oneFile(browser, small));
  await test("2 bytes", "demo", () => bytes(small, 300_000));
  await test("3 axe", "demo", () => accessible(browser, small));
  await test("4 figures", "demo", () => figures(browser, small));
  await test("4 commands", "demo", () => commands(small));
  await test("5 no script", "demo", () => withoutScript(browser, small));
  await test("5 print", "demo", () => printed(browser, small, values.shots && path.join(values.shots, "demo.pdf")));
  await test("7 two runs", "demo", () => repeated(place, small));
  await test("7 pseudonyms", "demo", () => pseudonymous(place, small));
  await test("8 keyboard", "demo", () => keyboard(browser, small));
  await test("9 looks", "demo", () => looks(browser, small, { shots: values.shots }));

  // Above and below the instant and the people that everybody tries first.
  const early = made(place, "early", small.db, ["--as-of", "2025-02-01", "--people", "findings"]);
  const nobody = made(place, "nobody", small.db, ["--people", "none"]);
  for (const page of [early, nobody]) {
    await test("1 one file", page.name, () => oneFile(browser, page));
    await test("3 axe", page.name, () => accessible(browser, page, { widths: [320], schemes: ["dark"] }));
    await test("4 figures", page.name, () => figures(browser, page));
    await test("5 no script", page.name, () => withoutScript(browser, page));
  }
  const rows = answered(place, "rows", small.db, ["export", "accounts"]);
  await test("1 one file", "one table", () => oneFile(browser, rows));
  await test("3 axe", "one table", () => accessible(browser, rows, { widths: [320, 1280], states: ["as it opens"] }));

  const odd = hostile(place);
  const evil = { ...made(place, "hostile", odd.db, ["--title", TITLE]), title: TITLE, enterprise: odd.enterprise };
  await test("6 hostile", "hostile texts", () => hostileTexts(browser, evil));
  await test("1 one file", "hostile texts", () => oneFile(browser, evil));
  await test("4 figures", "hostile texts", () => figures(browser, evil));
  await test("5 no script", "hostile texts", () => withoutScript(browser, evil));
  await test("9 fits", "hostile texts", () => fits(browser, evil));

  await test("broken on purpose", "demo", () => broken(browser, small, evil));

  // Those who begin; some have two seats. The second is as large as a page may be that embeds everybody.
  const sizes = [
    { people: 9_400, most: 1_000_000, days: ["--days", "91"] },
    { people: 94_000, most: 6_000_000, days: ["--days", "21", "--no-directory"], isTimed: true },
  ];
  if (values.small) sizes.length = 0;
  if (values.full) {
    for (const size of sizes) size.days = ["--days", "364"];
    sizes.push({ people: 945_000, most: 8_000_000, days: ["--days", "14", "--no-directory"] });
  }
  for (const { people, most, days, isTimed } of sizes) {
    const page = made(place, `page-${people}`, demo(place, people, days));
    const of = page.answer.people.total.toLocaleString("en");
    await test("2 bytes", of, () => bytes(page, most));
    if (isTimed) await test("2 made in", of, () => making(page));
    await test("1 one file", of, () => oneFile(browser, page));
    await test("2 waits", of, () => waits(browser, page, LIMITS));
    await test("4 figures", of, () => figures(browser, page));
  }
} finally {
  await browser.close();
  if (!values.data) fs.rmSync(place, { recursive: true, force: true });
}

const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((it) => it[at].length)));
console.log("");
for (const line of lines) console.log(line.map((it, at) => it.padEnd(widths[at] ?? 0)).join("  ").trimEnd());
// Times mean little on a machine that is busy with something else.
console.log(`\n${os.cpus().length} cores; load ${os.loadavg().map((it) => it.toFixed(1)).join(", ")}`);
console.log(failed ? `${failed} of ${lines.length} fail` : `all ${lines.length} hold`);
process.exitCode = failed ? 1 : 0;
