// Files of the real formats in which every text is hostile: to HTML, to scripts, to the direction of writing, to
// spreadsheets, to terminals, to layout. Each text begins with the name of its field, so that it can be found again.

import fs from "node:fs";
import path from "node:path";
import { ran } from "./program.mjs";

// The name of an instance ends at a blank or a slash.
export const HOSTS = ["\"><b>.corp.example", "a\"b'c&d.corp.example", "rtl.\u202ecorp.example", "<script>alert(1)"];

export const TEXTS = [
  "</script><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "\"><svg onload=alert(1)>",
  "' autofocus onfocus=alert(1) x='",
  "\u202eevil\u202c \u2066isolated\u2069 \u200fmark",
  "=HYPERLINK(\"http://evil.example\",\"x\")",
  "\u001b[31mred\u001b[0m\u001b]0;title\u0007",
  "]]><!-- <![CDATA[ --><!--<script>",
  "&lt;b&gt; &amp;amp; &#x3c;i&#x3e; &nbsp",
  "</title></style></textarea></noscript><style>*{display:none}</style>",
  "{{7*7}} ${7*7} \\u003cb\\u003e \\ \" ' `",
  "javascript:alert(1)//%0aalert(1)?a=b&c=d#e",
  "line\u2028separator\u2029and\u0000null\u0085next",
  "null", "undefined", "NaN", "true", "-0", "__proto__", "constructor", "toString",
  "\ufeff\u200b\u00ad zero width",
  "مرحبا שלום 你好 👩‍👩‍👧‍👦 Z̴̡a̵l̶g̷o̸",
  "long ".padEnd(10_000, "W"),
];

const one = (field, at) => `${field} ${TEXTS[at % TEXTS.length]}`;
// The name of an organization has no blank and no slash, and an address has one @.
const name = (field, at) => one(field, at).replace(/[\s/]/g, "_");
const address = (field, at) => `${field}${TEXTS[at % TEXTS.length].replace(/[\s@,;]/g, "_").slice(0, 200)}@corp.example`;
// No table may hold a NUL.
const quoted = (cell) => `"${String(cell).replaceAll("\"", "\"\"").replaceAll("\0", "")}"`;

// Imports the files into a database, once. Returns the database and the name of the enterprise.
export function hostile(place) {
  const folder = path.join(place, "hostile");
  const db = path.join(folder, "oneseat.db");
  const enterprise = "</title><img src=x onerror=alert(1)> & 'quotes' \"too\"";
  if (fs.existsSync(db)) return { db, enterprise };
  fs.mkdirSync(folder, { recursive: true });
  const write = (name, content) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  };
  const each = (make) => TEXTS.map((_, at) => make(at));
  const day = "2026-06-01";
  const take = (words) => ran(["import", "--taken-at", day, ...words], { db });

  const users = each((at) => ({
    github_com_login: at % 2 ? one("login", at) : `cloud-${at}`,
    github_com_name: one("name", at),
    github_com_user: true,
    enterprise_server_user: at % 3 === 0,
    enterprise_server_user_ids: at % 3 === 0 ? [`ghes.corp.example:${100 + at}`] : [],
    enterprise_server_primary_emails: [address("primary", at)],
    github_com_verified_domain_emails: [address("verified", at), `al${at}@corp.example`],
    github_com_saml_name_id: one("nameid", at),
    github_com_member_roles: [`${name("org", at)}:Owner`, `plain:${name("role", at)}`],
    github_com_enterprise_roles: [name("enterprise-role", at)],
    github_com_orgs_with_pending_invites: [name("invited", at)],
    license_type: one("license", at),
    github_com_cost_center: one("center", at),
    [one("unknown-key", at)]: one("unknown-value", at),
  }));
  // An invitation by e-mail, and one that takes a subscription.
  users.push({ github_com_login: address("invitation", 1), github_com_user: false, github_com_enterprise_roles: ["Pending invitation"], license_type: "Enterprise" });
  take(["--enterprise", enterprise, write("cloud.json", { total_seats_consumed: users.length, total_seats_purchased: users.length, users })]);

  const servers = each((at) => ({
    remoteUserId: 100 + at,
    login: one("server-login", at),
    profileName: one("server-name", at),
    isSiteAdmin: false,
    remoteCreatedAt: "2021-03-04T05:06:07Z",
    emails: { nodes: [{ email: address("server", at), isPrimary: true }, { email: `al${at}@corp.example`, isPrimary: false }] },
  }));
  const installation = { hostName: "ghes.corp.example", customerName: one("customer", 1), isConnected: true, userAccounts: { nodes: servers } };
  const data = { enterprise: { ownerInfo: { enterpriseServerInstallations: { nodes: [installation] } } } };
  take([write("synced.json", { data })]);

  const head = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,last_active,raw_login,2fa_enabled?";
  const rows = each((at) => ["2021-03-04T05:06:07Z", 500 + at, one("csv-login", at), address("csv", at), one("csv-role", at), false, one("ip", at), 1, 1, 1, at % 2 === 0, "never", one("raw", at), true].map(quoted).join(","));
  take(["--host", "csv.corp.example", write("all_users.csv", [head, ...rows, ""].join("\n"))]);
  // The name of an instance is a text of a file, too.
  for (const [at, host] of HOSTS.entries()) {
    const user = { user_id: 900 + at, login: `on-host-${at}`, emails: [] };
    take([write(`host-${at}.json`, { instance: { server_id: one("server-id", at), host_name: host }, users: [user] })]);
  }

  const instances = each((at) => ({
    server_id: one("server-id", at),
    hostname: at ? `host-${at}.<b>corp</b>.example` : "ghes.corp.example",
    last_sync: { date: "2026-05-01T00:00:00Z", status: at % 2 ? "failure" : one("status", at), error: one("sync-error", at) },
  }));
  take(["--enterprise", enterprise, write("sync.json", { server_instances: instances })]);

  const entries = each((at) => ({
    id: one("entry", at),
    userPrincipalName: `al${at}@corp.example`,
    mail: address("mail", at),
    displayName: one("directory-name", at),
    accountEnabled: at % 2 === 0,
    department: one("unit", at),
    manager: { id: one("entry", (at + 1) % TEXTS.length), displayName: one("manager", at) },
    otherMails: [address("csv", at)],
    employeeLeaveDateTime: "2026-05-01T00:00:00Z",
  }));
  take(["--directory", "<i>people</i>", write("directory.json", { value: entries })]);

  const centers = each((at) => ({ id: one("center-id", at), name: one("center-name", at), state: "active", azure_subscription: one("azure", at), resources: [{ type: "User", name: one("login", at) }, { type: "Org", name: name("org", at) }] }));
  take(["--enterprise", enterprise, write("centers.json", { costCenters: centers })]);
  const subscriptions = each((at) => ({ visual_studio_subscription_email: address("studio", at), subscription_id: one("subscription", at), username: one("studio-user", at), manual_match: false }));
  take(["--enterprise", enterprise, write("studio.json", { total_count: subscriptions.length, visual_studio_subscriptions: subscriptions })]);
  return { db, enterprise };
}

// The texts that a page shows of somebody or something, by field. Other fields stand on no page.
export function shownTexts() {
  const each = (make) => TEXTS.map((_, at) => make(at));
  return {
    login: each((at) => (at % 2 ? one("login", at) : `cloud-${at}`)),
    name: each((at) => one("name", at)),
    organization: each((at) => name("org", at)),
    "verified address": each((at) => address("verified", at)),
    NameID: each((at) => one("nameid", at)),
    "login on Server": each((at) => one("server-login", at)),
    "address on Server": each((at) => address("server", at)),
    "login in a table": each((at) => one("csv-login", at).replaceAll("\0", "")),
    "address in a table": each((at) => address("csv", at).replaceAll("\0", "")),
    "error of a sync": each((at) => one("sync-error", at)),
    host: HOSTS,
  };
}
