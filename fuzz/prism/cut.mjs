// Cuts GitHub's published descriptions down to the GET paths that `oneseat fetch` uses: the whole
// ones refer to files that the package lacks. Two things are changed, and nothing else: the path of
// the instance's license gets the prefix that instances have (/api/v3), and the fixed example of
// the Link header is taken out, for it leads to api.github.com (where oneseat rightly does not go;
// KEEP_LINK=1 leaves it in, to see that).
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, target] = process.argv.slice(2);
const read = (name) =>
  JSON.parse(readFileSync(join(folder, "node_modules/@octokit/openapi/generated", name)));
const cloud = read("ghec.deref.json");
const server = read("ghes-3.19.deref.json");

const wanted = [
  [cloud, "/enterprises/{enterprise}/consumed-licenses", ""],
  [cloud, "/enterprises/{enterprise}/license-sync-status", ""],
  [cloud, "/enterprises/{enterprise}/settings/billing/cost-centers", ""],
  [cloud, "/enterprises/{enterprise}/visual-studio-subscriptions", ""],
  [server, "/enterprise/settings/license", "/api/v3"],
];

const paths = {};
for (const [description, path, prefix] of wanted) {
  const get = description.paths[path]?.get;
  if (!get) throw new Error(`the description has no GET ${path}`);
  if (!process.env.KEEP_LINK) delete get.responses["200"].headers;
  paths[prefix + path] = { get };
}
const { openapi, info } = cloud;
writeFileSync(target, JSON.stringify({ openapi, info, paths }));
