// The program under test, and the data that it is asked about.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const built = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "release/oneseat");

export const program = path.resolve(process.env.ONESEAT_BIN ?? built);

// Nothing of whoever runs the tests: no configuration, no database, no colors.
const { ONESEAT_CONFIG: _config, ONESEAT_DB: _db, ...surroundings } = process.env;
const env = { ...surroundings, XDG_CONFIG_HOME: path.join(os.tmpdir(), "oneseat-no-such-folder"), NO_COLOR: "1" };

// Runs the program. An exit code that is not among those expected is an error.
export function ran(words, { db, codes = [0], input } = {}) {
  const all = db ? ["--db", db, ...words] : words;
  const begun = performance.now();
  const done = spawnSync(program, all, {
    input,
    maxBuffer: 2 ** 30,
    env,
  });
  if (done.error) throw done.error;
  if (!codes.includes(done.status)) {
    throw new Error(`oneseat ${all.join(" ")} exits with ${done.status}: ${done.stderr}`);
  }
  return { code: done.status, bytes: done.stdout, seconds: (performance.now() - begun) / 1000 };
}

export function json(words, options) {
  return JSON.parse(ran([...words, "--json"], options).bytes.toString("utf8"));
}

// The demo with this many people, in a folder of its own; made once.
export function demo(place, people, words = []) {
  const folder = path.join(place, `demo-${people}`);
  const db = path.join(folder, "oneseat.db");
  if (!fs.existsSync(db)) ran(["demo", "--people", String(people), ...words, folder]);
  return db;
}

// A page of a database, with the answer that it must agree with.
export function made(place, name, db, words = []) {
  const file = path.join(place, `${name}.html`);
  const { seconds } = ran(["page", ...words, "-o", file], { db });
  const answer = json(["page", ...words.filter((it, at) => it !== "--title" && words[at - 1] !== "--title")], { db });
  return { name, file, db, words, answer, seconds, html: fs.readFileSync(file, "utf8") };
}

// An answer of another command as a page of one table.
export function answered(place, name, db, words) {
  const file = path.join(place, `${name}.html`);
  ran([...words, "--format", "html", "-o", file], { db });
  return { name, file, db, words, html: fs.readFileSync(file, "utf8") };
}
