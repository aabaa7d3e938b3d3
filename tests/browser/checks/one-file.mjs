// Test 1: the page is one file. It asks for nothing, and its policy would stop it if it did.

import { createHash } from "node:crypto";
import { opened } from "../browser.mjs";

// What could send something somewhere, or run a text of the data as code.
const FORBIDDEN = [
  /\binnerHTML\b/, /\bouterHTML\b/, /\binsertAdjacentHTML\b/, /\bcreateContextualFragment\b/, /\bDOMParser\b/,
  /\bsetHTMLUnsafe\b/, /\bdocument\s*\.\s*write/, /\beval\s*\(/, /\bnew\s+Function\b/, /\bsrcdoc\b/,
  /\bset(?:Timeout|Interval)\s*\(\s*["'`]/, /\bfetch\s*\(/, /\bXMLHttpRequest\b/, /\bWebSocket\b/, /\bEventSource\b/,
  /\bsendBeacon\b/, /\bimport\s*\(/, /\bnew\s+(?:Worker|SharedWorker|Image)\b/, /\bcookie\b/, /\blocalStorage\b/,
  /\bsessionStorage\b/, /\bindexedDB\b/,
];

export async function oneFile(browser, { file, html }) {
  const problems = [...policy(html), ...sinks(html)];
  const { page, faults, close } = await opened(browser, file);
  problems.push(...(await page.evaluate(strangers)));
  // Whatever a page does only when somebody uses it.
  for (const hash of ["#people", "#people?q=a&sort=-name&page=2", "#person?seat=nobody", "#nowhere"]) {
    await page.evaluate((to) => { location.hash = to; }, hash);
    await page.waitForTimeout(50);
  }
  problems.push(...faults);
  await close();
  return { problems, figures: { requests: faults.filter((it) => it.startsWith("a request")).length } };
}

// The policy comes before everything that it could forbid, allows nothing but these two texts, and names them by
// their hashes.
function policy(html) {
  const [, content] = html.match(/^\s*<!doctype html>\s*<html[^>]*>\s*<head>\s*<meta http-equiv="Content-Security-Policy" content="([^"]*)">/i) ?? [];
  if (!content) return ["the first element of the head is no policy"];
  const told = new Map(content.split(";").map((it) => it.trim().split(/\s+(.*)/s)).map(([name, value]) => [name, value]));
  const problems = [];
  for (const name of ["default-src", "base-uri", "form-action"]) {
    if (told.get(name) !== "'none'") problems.push(`the policy's ${name} is ${told.get(name)}`);
  }
  const known = ["default-src", "base-uri", "form-action", "script-src", "style-src"];
  for (const name of told.keys()) if (!known.includes(name)) problems.push(`the policy also has ${name}`);
  const hashes = (pattern) => [...html.matchAll(pattern)].map((it) => hashOf(it[1])).join(" ") || "'none'";
  const script = hashes(/<script>([\s\S]*?)<\/script>/g);
  const style = hashes(/<style>([\s\S]*?)<\/style>/g);
  if (told.get("script-src") !== script) problems.push(`the policy's script-src is ${told.get("script-src")}, not ${script}`);
  if (told.get("style-src") !== style) problems.push(`the policy's style-src is ${told.get("style-src")}, not ${style}`);
  return problems;
}

export function hashOf(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function sinks(html) {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((it) => it[1]).join("\n");
  const problems = FORBIDDEN.filter((it) => it.test(scripts)).map((it) => `the script matches ${it}`);
  if (Buffer.byteLength(scripts) > 20_000) problems.push(`the script has ${Buffer.byteLength(scripts)} bytes, over 20,000`);
  return problems;
}

// Runs in the page: elements and attributes that a page of one file has no use for.
function strangers() {
  const problems = [];
  const names = ["img", "iframe", "object", "embed", "link", "base", "form", "audio", "video", "canvas", "image", "foreignObject", "portal", "template"];
  for (const it of document.querySelectorAll(names.join(","))) problems.push(`an element ${it.localName}`);
  const leading = ["src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "data", "ping", "background", "srcdoc"];
  for (const it of document.querySelectorAll("*")) {
    for (const { name, value } of it.attributes) {
      const where = `${it.localName}[${name}]`;
      if (name === "style" || name.startsWith("on")) problems.push(`${where} is not allowed`);
      if (leading.includes(name) && !value.startsWith("#")) problems.push(`${where} leads out of the page: ${value.slice(0, 80)}`);
      if (/url\(/i.test(value) && !/url\(#/i.test(value)) problems.push(`${where} asks for an address`);
    }
  }
  for (const it of document.querySelectorAll("style")) {
    if (/@import|url\(/i.test(it.textContent)) problems.push("the style asks for an address");
  }
  // A link within the page leads somewhere.
  for (const it of document.querySelectorAll('a[href^="#"]')) {
    const id = it.getAttribute("href").slice(1).split("?")[0];
    if (!document.getElementById(id)) problems.push(`a link leads to #${id}, which is not there`);
  }
  for (const it of document.querySelectorAll("[id]")) {
    if (document.querySelectorAll(`[id="${CSS.escape(it.id)}"]`).length > 1) problems.push(`two elements have the id ${it.id}`);
  }
  return [...new Set(problems)];
}
