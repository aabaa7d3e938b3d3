// Test 8: whoever uses no mouse reaches everything, sees where they are, and comes back. And a link to what they see
// shows the same to whoever gets it.

import { opened } from "../browser.mjs";

const MOST_TABS = 400;

export async function keyboard(browser, { file }) {
  // Without motion, since nobody can say where something is that still moves.
  const { page, faults, close } = await opened(browser, file, { reducedMotion: "reduce" });
  const problems = [];
  let stops = 0;

  // Presses Tab until the focus stands on such an element.
  const reach = async (selector, key = "Tab") => {
    for (let at = 0; at < MOST_TABS; at += 1) {
      await page.keyboard.press(key);
      stops += 1;
      const { is, seen, name } = await page.evaluate(focused, selector);
      if (!seen) problems.push(`the focus on ${name} cannot be seen`);
      if (is) return true;
    }
    problems.push(`${selector} cannot be reached with ${key}`);
    return false;
  };
  const status = async () => (await page.locator("#people [role=status]").textContent()).trim();
  const first = async () => (await page.locator("#people tbody tr").first().textContent()).trim();
  const expect = (holds, what) => { if (!holds) problems.push(what); };

  // The first stop leads past the navigation.
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement.getAttribute("href")?.startsWith("#")), "the first stop is no link within the page");

  const all = await status();
  await reach("#people input[type=search]");
  await page.keyboard.type("a");
  const found = await status();
  expect(found !== all, "typing does not search");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  expect((await status()) === all, "a search that was cleared does not show everybody");

  for (const name of ["kind", "org", "host", "finding"]) {
    if (!(await reach(`#people select[name=${name}]`))) continue;
    await page.keyboard.press("ArrowDown");
    const value = await page.evaluate(() => document.activeElement.value);
    expect(value !== "" && (await status()) !== all, `an arrow key does not choose among ${name}`);
    expect((await page.evaluate(() => location.hash)).includes(`${name}=`), `the choice of ${name} is not in the fragment`);
    await page.keyboard.press("ArrowUp");
    expect((await status()) === all, `${name} cannot be taken back`);
  }

  for (const [key, order] of [["Enter", "ascending"], ["Space", "descending"]]) {
    if (key === "Enter") await reach("#people th[aria-sort=none] button");
    await page.keyboard.press(key);
    const now = await page.evaluate(() => document.activeElement.closest("th")?.getAttribute("aria-sort"));
    expect(now === order, `${key} on a sort button makes ${now}, not ${order}`);
  }

  const before = await first();
  await reach("#people button:not(:disabled):not(th button)");
  const next = await page.evaluate(() => document.activeElement.textContent);
  expect(/next/i.test(next), `after the rows comes "${next}", not Next`);
  await page.keyboard.press("Enter");
  expect((await first()) !== before, "Next shows no other rows");
  expect(await page.evaluate(() => document.activeElement !== document.body), "Next loses the focus");

  // The same state from its link, in a page of its own.
  const hash = await page.evaluate(() => location.hash);
  const seen = await page.locator("#people tbody").textContent();
  const again = await opened(browser, file, { hash });
  expect((await again.page.locator("#people tbody").textContent()) === seen, `${hash} shows other rows to whoever gets the link`);
  faults.push(...again.faults);
  await again.close();

  // From the table's end back to its first person.
  await reach("#people tbody tr a", "Shift+Tab");
  const login = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press("Enter");
  await page.waitForTimeout(100);
  const person = await page.evaluate(() => ({
    shown: document.getElementById("person").checkVisibility(),
    inside: document.getElementById("person").contains(document.activeElement),
    title: document.querySelector("#person h2").textContent,
    hash: location.hash,
  }));
  expect(person.shown, "Enter on a person does not open it");
  expect(person.inside, "the focus does not go to the person that was opened");
  expect(person.title.includes(login), `the person "${login}" has the title "${person.title}"`);
  const linked = await opened(browser, file, { hash: person.hash });
  expect((await linked.page.locator("#person h2").textContent()) === person.title, "the link to a person shows somebody else");
  await linked.close();

  await reach('#person a[href^="#people"]');
  await page.keyboard.press("Enter");
  await page.waitForTimeout(100);
  expect((await page.locator("#people tbody").textContent()) === seen, "the way back leads to other rows");
  expect(await page.evaluate(() => document.getElementById("people").contains(document.activeElement)), "the focus does not come back to the people");
  expect(!(await page.locator("#person").isVisible()), "the person stays open after the way back");

  // The browser's own way back opens the person again.
  await page.goBack();
  await page.waitForTimeout(100);
  expect(await page.locator("#person").isVisible(), "the browser's Back does not open the person again");

  problems.push(...faults);
  await close();
  return { problems: [...new Set(problems)], figures: { stops } };
}

// Runs in the page: whether the focus is on such an element, and whether somebody can see it.
function focused(selector) {
  const it = document.activeElement;
  const style = getComputedStyle(it);
  const box = it.getBoundingClientRect();
  const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  const within = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  return {
    is: it.matches(selector),
    seen: it === document.body || (marked && within),
    name: `${it.localName} "${(it.ariaLabel ?? it.textContent).trim().slice(0, 40)}"`,
  };
}
