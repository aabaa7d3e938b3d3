// Chromium, and a page opened in it under watch: whatever it asks for, says or breaks is written down.

import fs from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

// The browser that this machine has. Nothing is downloaded.
export async function launched() {
  const known = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = known.find((path) => path && fs.existsSync(path));
  if (!executablePath) throw new Error("no Chromium here: install Debian's package chromium, or name one in CHROMIUM");
  // Its sandbox refuses to run as root, as which containers run everything.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

// Opens a file as from disk and waits until its script is done. `faults` are collected as long as the page is open.
export async function opened(browser, file, { hash = "", wait = true, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", ...options });
  const url = pathToFileURL(file).href;
  const faults = [];
  await context.route("**/*", (route) => {
    const request = route.request();
    const isOwn = request.isNavigationRequest() && request.url().split("#")[0] === url;
    if (isOwn) return route.continue();
    faults.push(`a request: ${short(request.url())}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    const isWrong = ["error", "warning"].includes(message.type());
    if (isWrong || message.text().startsWith("violation: ")) faults.push(`console: ${short(message.text())}`);
  });
  page.on("pageerror", (error) => faults.push(`an error in the script: ${short(error.message)}`));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${short(dialog.message())}`);
    return dialog.dismiss();
  });
  page.on("popup", () => faults.push("a window was opened"));
  await page.addInitScript(watch);
  await page.goto(url + hash);
  if (wait) {
    const done = page.waitForSelector("body[data-ready]", { state: "attached", timeout: 30_000 });
    await done.catch(() => faults.push("the page is not ready after 30 s"));
  }
  return { page, faults, close: () => context.close() };
}

// Runs in the page before anything of its own.
function watch() {
  document.addEventListener("securitypolicyviolation", (event) => {
    console.log(`violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
  const done = new MutationObserver(() => {
    if (!document.body || !("ready" in document.body.dataset)) return;
    window.readyAfter = performance.now();
    done.disconnect();
  });
  done.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });
}

// A text of a page may be long, or hostile to a terminal.
export function short(text) {
  const shown = JSON.stringify(String(text)).slice(1, -1);
  return shown.length > 160 ? `${shown.slice(0, 160)}…` : shown;
}

export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
