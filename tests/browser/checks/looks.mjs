// Test 9: pictures for people to look at, and what a program can see of them: nothing is cut, nothing overlaps.

import path from "node:path";
import { opened, short } from "../browser.mjs";

const WIDTHS = [320, 390, 820, 1440];

export async function looks(browser, { file, name }, { shots, widths = WIDTHS, schemes = ["light", "dark"] } = {}) {
  const problems = [];
  for (const colorScheme of schemes) {
    for (const width of widths) {
      const { page, faults, close } = await opened(browser, file, { viewport: { width, height: 900 }, colorScheme });
      const where = `at ${width} px, ${colorScheme}`;
      const look = async (state) => problems.push(...(await page.evaluate(crowded)).map((it) => `${where}, ${state}: ${short(it)}`));
      await look("as it opens");
      if (shots && width > 320) {
        await page.screenshot({ path: path.join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        await page.screenshot({ path: path.join(shots, `${name}-first-${width}-${colorScheme}.png`) });
      }
      await page.evaluate(() => { for (const it of document.querySelectorAll("details")) it.open = true; });
      await look("unfolded");
      const person = page.locator("#people tbody tr a").first();
      if (await person.count()) {
        await person.click();
        await page.waitForTimeout(50);
        await look("a person");
        if (shots && width > 320) await page.locator("#person").screenshot({ path: path.join(shots, `${name}-person-${width}-${colorScheme}.png`) });
      }
      const scheme = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = scheme.match(/[\d.]+/g).slice(0, 3).reduce((sum, it) => sum + Number(it), 0) / 3;
      if (light > 128 !== (colorScheme === "light")) problems.push(`${where}: the ground is ${scheme}`);
      problems.push(...faults);
      await close();
    }
  }
  // Colors of the system: whatever carries a meaning is still drawn.
  const forced = await opened(browser, file, { forcedColors: "active" });
  problems.push(...(await forced.page.evaluate(crowded)).map((it) => `forced colors: ${it}`));
  if (shots) await forced.page.screenshot({ path: path.join(shots, `${name}-forced.png`), fullPage: true });
  await forced.close();
  // Whoever wants no motion gets none.
  const still = await opened(browser, file, { reducedMotion: "reduce" });
  const moving = await still.page.evaluate(() => [document.documentElement, ...document.body.querySelectorAll("*")].filter((it) => {
    const style = getComputedStyle(it);
    return style.scrollBehavior === "smooth" || style.animationName !== "none" || (style.transitionDuration !== "0s" && style.transitionProperty !== "none");
  }).length);
  if (moving) problems.push(`${moving} elements move although nothing shall`);
  await still.close();
  return { problems, figures: {} };
}

// Texts that no layout is made for: the page still fits its window.
export async function fits(browser, { file }) {
  const problems = [];
  for (const width of [320, 1280]) {
    const { page, close } = await opened(browser, file, { viewport: { width, height: 900 } });
    const links = await page.evaluate(() => [...document.querySelectorAll("#people tbody tr a")].map((it) => it.getAttribute("href")));
    for (const link of ["#people", ...links]) {
      await page.evaluate((to) => { location.hash = to; }, link);
      await page.waitForTimeout(10);
      const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
      if (wide > width) problems.push(`at ${width} px the page is ${wide} px wide: ${short(link)}`);
    }
    await close();
  }
  return { problems: problems.slice(0, 5), figures: {} };
}

// Runs in the page.
function crowded() {
  const problems = [];
  const wide = document.scrollingElement.scrollWidth;
  if (wide > innerWidth) {
    const beyond = [...document.querySelectorAll("body *")].filter((it) => it.getBoundingClientRect().right > innerWidth + 1);
    // What stands in a box that scrolls is beyond the window, and no harm, unless it is placed without regard to the box.
    const culprit = beyond.find((it) => !it.closest(".scroll")) ?? beyond.find((it) => getComputedStyle(it).position === "absolute");
    problems.push(`the page is ${wide} px wide: ${culprit?.localName}.${culprit?.getAttribute("class")} "${culprit?.textContent.slice(0, 40)}"`);
  }
  const visible = (it) => it.checkVisibility() && it.getBoundingClientRect().width > 1;
  const text = (it) => it.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
  const boxes = (selector) => [...document.querySelectorAll(selector)].filter(visible).map((it) => [it, it.getBoundingClientRect()]);
  const apart = (list, slack) => {
    for (const [at, [one, a]] of list.entries()) {
      for (const [other, b] of list.slice(at + 1)) {
        if (one.contains(other) || other.contains(one)) continue;
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > slack && down > slack) problems.push(`"${text(one)}" and "${text(other)}" overlap`);
      }
    }
  };
  apart(boxes(".hero .value, .hero .label, h1, h2, .message, #headline dt, #headline dd, .command"), 2);
  // Lines of text in a chart stand in boxes that are taller than their digits.
  for (const svg of document.querySelectorAll("svg")) {
    if (!visible(svg)) continue;
    apart([...svg.querySelectorAll("text")].filter(visible).map((it) => [it, it.getBoundingClientRect()]), 4);
    for (const it of svg.querySelectorAll("text, circle")) {
      const box = it.getBoundingClientRect();
      if (visible(it) && (box.left < -1 || box.right > innerWidth + 1)) problems.push(`the chart's "${text(it) || it.localName}" is cut`);
    }
  }
  // A text that is wider or taller than what holds it, and hidden there. A table may scroll.
  for (const it of document.querySelectorAll("main *, header *, footer *")) {
    if (!visible(it) || it.closest("svg, .unseen, details:not([open]) > :not(summary)")) continue;
    const style = getComputedStyle(it);
    if (style.position === "absolute" || it.clientWidth < 2) continue;
    const isCut = ["hidden", "clip"].includes(style.overflowX) && it.scrollWidth > it.clientWidth + 1;
    const isShort = ["hidden", "clip"].includes(style.overflowY) && it.scrollHeight > it.clientHeight + 4;
    // A text that is longer than anybody's name may end early in a table, since the person's own view has all of it.
    const isLong = it.textContent.length > 100 && it.closest("table");
    if ((isCut || isShort) && it.textContent.trim() && !isLong) problems.push(`${it.localName}.${it.getAttribute("class")} "${text(it)}" is cut`);
  }
  for (const [it, box] of boxes(".hero [data-figure], h1, h2")) {
    if (box.left < -1 || box.right > innerWidth + 1) problems.push(`"${text(it)}" leaves the window`);
  }
  // A target is at least 24 px high and wide.
  for (const [it, own] of boxes("button, select, input, summary, nav a")) {
    // Whoever hits the label of a field hits the field.
    const box = it.closest("label")?.getBoundingClientRect() ?? own;
    if (box.height < 24 || box.width < 24) problems.push(`the target "${text(it)}" is ${box.width.toFixed(0)} x ${box.height.toFixed(0)} px`);
  }
  return [...new Set(problems)];
}
