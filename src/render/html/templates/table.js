"use strict";

// A table of many rows: search, filters, order, and pages of 100 rows. Text of the data reaches the page as
// textContent only. The state is kept in the fragment, so that a link to it survives mail and disk.

const ROWS = 100;

// The characters that a browser would obey instead of showing.
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/g;

const sign = (character) => "\\u{" + character.codePointAt(0).toString(16) + "}";

const printable = (text) => text.replace(OBEYED, sign);

// An element with attributes and children; a child that is a text becomes textContent.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  for (const child of children) {
    if (typeof child === "string") element.appendChild(document.createTextNode(child));
    else if (child) element.appendChild(child);
  }
  return element;
}

// A text of the data, isolated from the direction of what stands around it.
function datum(text) {
  const element = document.createElement("bdi");
  element.textContent = printable(String(text));
  return element;
}

function unknown(word) {
  const element = make("span", { class: "unknown" });
  element.textContent = word;
  return element;
}

// The data of an element, which may be compressed.
async function embedded(id) {
  const element = document.getElementById(id);
  const text = element.textContent;
  if (!element.dataset.packed) return JSON.parse(text);
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// The name before the question mark of a fragment, and the values after it.
function fragment() {
  const [name, query] = location.hash.slice(1).split("?");
  return { name: name, values: new URLSearchParams(query || "") };
}

function remember(name, values) {
  const query = values.toString();
  const hash = "#" + name + (query ? "?" + query : "");
  try {
    history.replaceState(null, "", hash);
  } catch (_refused) {
    // Some browsers allow no state for a file; the table works all the same.
  }
  return hash;
}

// model: count; cells(i): the cells of a row; text(i): what is searched, in lower case; key(name): for each row what
// it is sorted by; test(name, value): whether a row passes a filter; usual: the usual order; noun(n): a number of rows
// in words.
class BigTable {
  constructor(root, model) {
    this.root = root;
    this.name = root.id;
    this.model = model;
    this.body = root.querySelector("tbody");
    this.search = root.querySelector("input[type=search]");
    this.fields = [...root.querySelectorAll(".controls [name]")];
    this.status = root.querySelector("[role=status]");
    this.pager = root.querySelector(".pager");
    this.buttons = [...root.querySelectorAll("th button")];
    this.orders = new Map();
    this.texts = null;
    this.sort = model.usual;
    this.page = 0;
    this.hash = "#" + this.name;
    root.querySelector(".controls").hidden = false;
    this.search.addEventListener("input", () => this.changed());
    for (const field of this.fields) field.addEventListener("change", () => this.changed());
    for (const button of this.buttons) {
      button.disabled = false;
      button.addEventListener("click", () => this.sortBy(button.dataset.sort));
    }
    for (const button of this.pager.querySelectorAll("button")) {
      button.addEventListener("click", () => this.turn(Number(button.dataset.go)));
    }
    this.find();
    this.told();
  }

  value(field) {
    if (field.type === "checkbox") return field.checked ? field.value : "";
    return field.value;
  }

  changed() {
    this.page = 0;
    this.find();
    this.show();
    this.keep();
  }

  sortBy(name) {
    this.sort = this.sort === name ? "-" + name : name;
    this.page = 0;
    this.find();
    this.show();
    this.keep();
  }

  turn(by) {
    this.page += by;
    this.show();
    this.keep();
    this.root.querySelector(".scroll").scrollIntoView({ block: "start" });
  }

  keep() {
    const values = new URLSearchParams();
    for (const field of this.fields) if (this.value(field)) values.set(field.name, this.value(field));
    if (this.search.value) values.set("q", this.search.value);
    if (this.sort !== this.model.usual) values.set("sort", this.sort);
    if (this.page) values.set("page", String(this.page + 1));
    this.hash = remember(this.name, values);
  }

  // Takes the state over from a fragment.
  take(values) {
    for (const field of this.fields) {
      const value = values.get(field.name) || "";
      if (field.type === "checkbox") field.checked = value === field.value;
      else field.value = [...field.options].some((it) => it.value === value) ? value : "";
    }
    this.search.value = values.get("q") || "";
    const sort = values.get("sort") || this.model.usual;
    const known = this.buttons.some((it) => it.dataset.sort === sort.replace(/^-/, ""));
    this.sort = known ? sort : this.model.usual;
    this.page = Math.max(0, Number.parseInt(values.get("page") || "1", 10) - 1 || 0);
    this.hash = location.hash || "#" + this.name;
    this.find();
    this.show();
  }

  // All rows in an order; orders are made once.
  order(sort) {
    const name = sort.replace(/^-/, "");
    if (!this.orders.has(name)) {
      const all = Uint32Array.from({ length: this.model.count }, (_, i) => i);
      // The rows come in their usual order.
      if (name !== this.model.usual) {
        const keys = this.model.key(name);
        all.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
      }
      this.orders.set(name, all);
    }
    const order = this.orders.get(name);
    return sort.startsWith("-") ? order.slice().reverse() : order;
  }

  find() {
    const tests = [];
    for (const field of this.fields) {
      if (this.value(field)) tests.push(this.model.test(field.name, this.value(field)));
    }
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length > 0) {
      if (!this.texts) {
        this.texts = Array.from({ length: this.model.count }, (_, i) => this.model.text(i));
      }
      for (const word of words) tests.push((i) => this.texts[i].includes(word));
    }
    const order = this.order(this.sort);
    this.found = tests.length ? order.filter((i) => tests.every((test) => test(i))) : order;
  }

  show() {
    const pages = Math.max(1, Math.ceil(this.found.length / ROWS));
    this.page = Math.min(this.page, pages - 1);
    const rows = [...this.found.subarray(this.page * ROWS, (this.page + 1) * ROWS)];
    this.body.replaceChildren(...rows.map((i) => this.row(i)));
    this.told();
  }

  row(i) {
    const cells = this.model.cells(i).map((cell, at) => {
      return at ? make("td", null, ...cell) : make("th", { scope: "row" }, ...cell);
    });
    return make("tr", null, ...cells);
  }

  // The number found, the page, and the order, in words.
  told() {
    const count = this.model.count;
    const found = this.found.length;
    this.status.textContent =
      found === count ? this.model.noun(count) : found.toLocaleString("en") + " of " + this.model.noun(count);
    const pages = Math.max(1, Math.ceil(found / ROWS));
    this.pager.hidden = pages === 1;
    this.pager.querySelector(".place").textContent = "Page " + (this.page + 1) + " of " + pages;
    const [back, on] = this.pager.querySelectorAll("button");
    back.disabled = this.page === 0;
    on.disabled = this.page >= pages - 1;
    for (const button of this.buttons) {
      const name = button.dataset.sort;
      const order = this.sort === name ? "ascending" : this.sort === "-" + name ? "descending" : "none";
      button.parentElement.setAttribute("aria-sort", order);
    }
  }
}

function ready() {
  document.body.dataset.ready = "";
}
