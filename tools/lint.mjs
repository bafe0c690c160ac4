// Lints that no compiler has: circles of modules, doc comments of one word, names that are not used here.
//
//   node tools/lint.mjs        exit status 1 if there is anything to say
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

const CRATES = ["protocol", "chat", "app", "server", "bench", "test-servers"];

/** Crates whose top-level modules still import each other in circles. */
const WITH_CIRCLES = ["server"];

/** Crates whose modules still form circles through names that the crate's root re-exports. */
const WITH_HIDDEN_CIRCLES = ["chat"];

/** Names that were replaced by standard terms (see CONTRIBUTING.md), as names of files. */
const REPLACED = /^(bring|conduct|crew|deeds|finale|floors|heal|mouth|own|parts|plain|talk|wires|words)(\.rs)?$/;

function* rustFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (REPLACED.test(entry.name)) complaints.push(`${path}: a name that was replaced by a standard term`);
    if (entry.isDirectory()) yield* rustFiles(path);
    else if (entry.name.endsWith(".rs")) yield path;
  }
}

/** Name of the top-level module that a file belongs to; undefined for the root. */
function moduleOf(src, file) {
  const name = relative(src, file).split("/")[0].replace(/\.rs$/, "");
  return ["lib", "main", "bin", "tests"].includes(name) ? undefined : name;
}

/** Code without comments and without its unit tests. */
const codeOf = (text) => text.replace(/\/\/.*$/gm, "").replace(/#\[cfg\(test\)\]\s*mod tests \{[\s\S]*$/, "");

/** Module of each name that the crate's root re-exports: `pub use module::{A, B}`. */
function reExports(src) {
  const found = new Map();
  const root = ["lib.rs", "main.rs"].map((name) => join(src, name)).find(existsSync);
  for (const [, from, names] of codeOf(readFileSync(root, "utf8")).matchAll(/\bpub use (\w+)::([^;]+);/g)) {
    for (const [name] of names.matchAll(/\b[A-Za-z_]\w*\b(?!::)/g)) found.set(name, from);
  }
  return found;
}

/** Strongly connected modules of more than one member (Tarjan). */
function circles(graph) {
  const index = new Map(), low = new Map(), stack = [], found = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)));
    }
    if (low.get(node) !== index.get(node)) return;
    const members = stack.splice(stack.indexOf(node));
    if (members.length > 1) found.push(members);
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}

const complaints = [];
for (const crate of CRATES) {
  const src = join(crate, "src");
  const graph = new Map();
  const reExported = WITH_HIDDEN_CIRCLES.includes(crate) ? new Map() : reExports(src);
  for (const file of rustFiles(src)) {
    const text = readFileSync(file, "utf8");
    const lines = text.split("\n");
    for (const [number, line] of lines.entries()) {
      const begins = !/^\s*\/\/[/!]/.test(lines[number - 1] ?? "");
      if (begins && /^\s*\/\/[/!] \w+\.$/.test(line)) complaints.push(`${file}:${number + 1}: a doc comment of one word`);
    }
    const from = moduleOf(src, file);
    if (!from || /\/tests?(\/|\.rs$)/.test(file)) continue;
    const uses = graph.get(from) ?? graph.set(from, new Set()).get(from);
    const code = codeOf(text);
    for (const [, name] of code.matchAll(/\bcrate::(\w+)/g)) if (name !== from) uses.add(name);
    for (const [, names] of code.matchAll(/\bcrate::\{([^;]*?)\};/gs)) {
      for (const [, name] of names.replace(/\{[^{}]*\}/g, "").matchAll(/(?:^|,)\s*(\w+)/g)) if (name !== from) uses.add(name);
    }
  }
  for (const [from, uses] of graph) {
    const modules = [...uses].map((name) => (graph.has(name) ? name : reExported.get(name)));
    graph.set(from, modules.filter((name) => graph.has(name) && name !== from));
  }
  if (WITH_CIRCLES.includes(crate)) continue;
  for (const members of circles(graph)) complaints.push(`${src}: a circle of modules: ${members.sort().join(", ")}`);
}
for (const complaint of complaints) console.log(complaint);
process.exitCode = complaints.length ? 1 : 0;
