// The people of a page, and the view of one person.

const PARTS = {
  "(several organizations)": (list) => list && list.length > 1,
  "(no organization)": (list) => list && list.length === 0,
  "(not stated)": (list) => !list,
};

const HIDDEN = 50;

class People {
  constructor(data) {
    this.data = data;
    this.count = data.login.length;
    this.usual = "login";
    this.names = data.organizations.map((name) => name.toLowerCase());
    this.serverOnly = data.kinds.findIndex(([kind]) => kind === "server_only");
  }

  noun(number) {
    return number === 1 ? "1 person" : number.toLocaleString("en") + " people";
  }

  seat(i) {
    const { seat, enterprise, enterprises, login } = this.data;
    const of = enterprise[i] === null ? "" : enterprises[enterprise[i]];
    return seat[i] || "cloud:" + of + ":" + (login[i] || "");
  }

  organizations(i) {
    return this.data.organizationLists[this.data.organization[i]];
  }

  hosts(i) {
    return this.data.hostLists[this.data.host[i]];
  }

  words(i) {
    return this.data.wordLists[this.data.word[i]].map((at) => this.data.words[at]);
  }

  joined(names, positions) {
    const nodes = [];
    for (const at of positions || []) nodes.push(nodes.length ? ", " : null, datum(names[at]));
    return nodes;
  }

  finding(i) {
    // Words from a place on are filters only.
    const told = this.words(i).filter(([, , rank]) => rank < HIDDEN);
    return told.map(([, name]) => name).join(", ");
  }

  link(i) {
    const login = this.data.login[i];
    const href = "#person?seat=" + encodeURIComponent(this.seat(i));
    return make("a", { href: href }, login === null ? unknown("no login") : datum(login));
  }

  cells(i) {
    const { data } = this;
    return [
      [this.link(i)],
      [data.name[i] === null ? null : datum(data.name[i])],
      [data.kinds[data.kind[i]][1]],
      this.joined(data.organizations, this.organizations(i)),
      this.joined(data.hosts, this.hosts(i)),
      [this.finding(i)],
    ];
  }

  text(i) {
    const { data } = this;
    const accounts = data.accounts[i].map((it) => (it[1] || "") + " " + (it[2] || ""));
    const all = [data.login[i], data.name[i], ...data.addresses[i], ...accounts];
    return all.join("\n").toLowerCase();
  }

  key(name) {
    const { data } = this;
    const last = "\uffff";
    const of = {
      name: (i) => (data.name[i] || last).toLowerCase(),
      kind: (i) => data.kind[i],
      org: (i) => (this.organizations(i) || []).map((at) => this.names[at]).join(" ") || last,
      host: (i) => this.hosts(i).map((at) => data.hosts[at]).join(" ") || last,
      finding: (i) => Math.min(99, ...this.words(i).map((it) => it[2])),
    }[name];
    return Array.from({ length: this.count }, (_, i) => of(i));
  }

  test(name, value) {
    const { data } = this;
    // What a list of the dictionary passes is found out once for each list.
    const among = (lists, column, test) => {
      const passes = lists.map(test);
      return (i) => passes[column[i]];
    };
    if (name === "kind") {
      const kind = data.kinds.findIndex(([known]) => known === value);
      return (i) => data.kind[i] === kind;
    }
    if (name === "host") {
      const host = data.hosts.indexOf(value);
      return among(data.hostLists, data.host, (list) => list.includes(host));
    }
    if (name === "finding") {
      const word = data.words.findIndex(([known]) => known === value);
      return among(data.wordLists, data.word, (list) => list.includes(word));
    }
    if (name === "alone") {
      return among(data.organizationLists, data.organization, (list) => list && list.length === 1);
    }
    const at = this.names.indexOf(value.toLowerCase());
    if (at >= 0) {
      return among(data.organizationLists, data.organization, (list) => list && list.includes(at));
    }
    if (value === "(Server only)") return (i) => data.kind[i] === this.serverOnly;
    const part = among(data.organizationLists, data.organization, PARTS[value] || (() => false));
    return (i) => data.kind[i] !== this.serverOnly && part(i);
  }

  // Everything about one person.
  details(i) {
    const { data } = this;
    const line = (name, ...nodes) => {
      const filled = nodes.length ? nodes : [unknown("none")];
      return make("div", null, make("dt", null, name), make("dd", null, ...filled));
    };
    const lines = [
      line("Name", data.name[i] === null ? unknown("not stated") : datum(data.name[i])),
      line("Seat", data.kinds[data.kind[i]][1], " ", make("code", null, datum(this.seat(i)))),
    ];
    if (data.enterprise[i] !== null) lines.push(line("Enterprise", datum(data.enterprises[data.enterprise[i]])));
    const organizations = this.organizations(i);
    if (organizations) lines.push(line("Organizations", ...this.joined(data.organizations, organizations)));
    else if (data.kind[i] !== this.serverOnly) lines.push(line("Organizations", unknown("not stated")));
    lines.push(line("Addresses", ...this.joined(data.addresses[i], data.addresses[i].map((_, at) => at))));
    const idle = this.words(i).filter((it) => ["dormant", "never-signed-in", "pending-invitation"].includes(it[0]));
    if (idle.length) lines.push(line("Could be freed", idle.map((it) => it[1]).join(", ")));
    const nodes = [make("dl", { class: "details" }, ...lines)];
    if (data.accounts[i].length) nodes.push(this.accounts(i));
    for (const at of data.findings[i]) if (data.items[at]) nodes.push(this.item(data.items[at]));
    return nodes;
  }

  accounts(i) {
    const { data } = this;
    const head = ["Server account", "Instance", "Id", "Matched by"].map((it) => make("th", { scope: "col" }, it));
    const rows = data.accounts[i].map(([host, login, id, rule]) => {
      const name = login === 0 ? data.login[i] : login;
      return make(
        "tr",
        null,
        make("th", { scope: "row" }, name === null ? unknown("not stated") : datum(name)),
        make("td", null, datum(data.hosts[host])),
        make("td", null, id === null ? unknown("not stated") : datum(id)),
        make("td", null, rule === null ? unknown("nothing") : data.rules[rule].replaceAll("_", " ")),
      );
    });
    const table = make("table", null, make("thead", null, make("tr", null, ...head)), make("tbody", null, ...rows));
    return make("div", { class: "scroll" }, table);
  }

  item([level, miss, evidence, fixes, since]) {
    const list = (pairs) => {
      const items = pairs.map(([name, text]) => make("li", null, name, text ? ": " : "", text ? datum(text) : null));
      return make("ul", null, ...items);
    };
    const nodes = [make("h3", null, "Two licenses: ", level)];
    if (miss) nodes.push(make("p", null, datum(miss)));
    nodes.push(make("h4", null, "Why"), list(evidence), make("h4", null, "What to do"), list(fixes));
    if (since) nodes.push(make("p", { class: "quiet" }, "Since ", since.slice(0, 10), "."));
    return make("div", { class: "finding" }, ...nodes);
  }
}

async function begin() {
  const section = document.getElementById("person");
  const people = new People(await embedded("people-data"));
  const table = new BigTable(document.getElementById("people"), people);
  const open = (id) => {
    let at = -1;
    for (let i = 0; i < people.count && at < 0; i += 1) if (people.seat(i) === id) at = i;
    const title = document.getElementById("person-title");
    title.replaceChildren(at < 0 ? "Nobody on this page has this seat" : people.link(at).firstChild);
    section.querySelector(".person").replaceChildren(...(at < 0 ? [] : people.details(at)));
    section.querySelector(".back").setAttribute("href", table.hash);
    section.hidden = false;
    section.scrollIntoView();
    section.focus({ preventScroll: true });
  };
  const follow = () => {
    const { name, values } = fragment();
    if (name === "person") {
      open(values.get("seat") || "");
      return;
    }
    if (name !== "people") return;
    const wasOpen = !section.hidden;
    section.hidden = true;
    table.take(values);
    table.root.scrollIntoView();
    if (wasOpen) table.search.focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  if (location.hash) follow();
  ready();
}

begin();
