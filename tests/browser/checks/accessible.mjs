// Test 3: axe finds nothing, narrow and wide, light and dark, in every state of the page.

import fs from "node:fs";
import { createRequire } from "node:module";
import { opened, short } from "../browser.mjs";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

// What somebody may have done before.
const STATES = {
  "as it opens": async () => {},
  "all unfolded": (page) => page.evaluate(() => { for (const it of document.querySelectorAll("details")) it.open = true; }),
  "a person": async (page) => {
    await page.locator("#people tbody tr a").first().click();
    await page.waitForSelector("#person:visible");
  },
  "nobody found": async (page) => {
    await page.evaluate(() => { location.hash = "#people"; });
    await page.locator("#people input[type=search]").fill("nobody has this name");
  },
};

export async function accessible(browser, { file }, { widths = [320, 1280], schemes = ["light", "dark"], states = Object.keys(STATES) } = {}) {
  const problems = [];
  let rules = 0;
  for (const width of widths) {
    for (const colorScheme of schemes) {
      const { page, close } = await opened(browser, file, { viewport: { width, height: 900 }, colorScheme });
      // Evaluated by the tool, not by the page, whose policy forbids it.
      await page.evaluate(axe);
      const hasPeople = (await page.locator("#people tbody tr").count()) > 0;
      for (const state of states) {
        if (!hasPeople && !["as it opens", "all unfolded"].includes(state)) continue;
        await STATES[state](page);
        await page.evaluate(shorten);
        const found = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values } }), TAGS);
        rules = Math.max(rules, found.passes.length + found.violations.length);
        for (const { id, help, nodes } of found.violations) {
          problems.push(`${id} at ${width} px, ${colorScheme}, ${state}: ${help}; ${nodes.length} times, first ${short(nodes[0].target)}: ${short(nodes[0].failureSummary)}`);
        }
      }
      await close();
    }
  }
  // A run that looked at nothing proves nothing.
  if (rules < 15) problems.push(`axe applied ${rules} rules only`);
  return { problems, figures: { rules, violations: problems.length } };
}

// Runs in the page: the rows of a table are alike, and axe takes minutes for a thousand.
function shorten() {
  for (const body of document.querySelectorAll("tbody")) {
    for (const row of [...body.rows].slice(15)) row.remove();
  }
}
