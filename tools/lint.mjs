// Lints beyond those of the compiler: circles of modules, doc comments of one word, replaced names, paths in documents.
//
//   node tools/lint.mjs        prints each violation; exit status 1 if there is any
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

const CRATES = ["protocol", "chat", "app", "server", "bench", "test-servers"];

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

/** How many modules a file is below the root: 1 for `a.rs` and `a/mod.rs`, 2 for `a/b.rs`. */
const depthOf = (src, file) => relative(src, file).replace(/(\/mod)?\.rs$/, "").split("/").length;

/** The names that the root re-exports, each with its top-level module: `pub use service::{ChatService, Sent as Answer};`. */
function reexports(code) {
  const modules = new Map();
  for (const [, from, names] of code.matchAll(/\bpub(?:\([^)]*\))? use (?:crate::|self::)?(\w+)::([^;]*);/g)) {
    // The last word of each path, or the one after `as`.
    for (const [, name] of names.matchAll(/(\w+)\s*(?=[,}]|$)/g)) modules.set(name, from);
  }
  return modules;
}

/** Code without comments and without its unit tests. */
const codeOf = (text) => text.replace(/\/\/.*$/gm, "").replace(/#\[cfg\(test\)\]\s*mod tests \{[\s\S]*$/, "");

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

/** Documents whose paths in backticks must exist. */
const DOCUMENTS = ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/decisions.md"];

/** Folders that are not part of the sources. */
const GENERATED = new Set([".git", ".tools", "data", "node_modules", "target"]);

/** Paths of all files and folders, folders with a slash at the end. */
function sourcePaths(folder = ".", prefix = "/") {
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => !GENERATED.has(entry.name)).flatMap((entry) => {
    const path = prefix + entry.name;
    return entry.isDirectory() ? [path + "/", ...sourcePaths(join(folder, entry.name), path + "/")] : [path];
  });
}

/** Expands `{a,b}`. */
function expanded(path) {
  const [, before, choices, after] = /^(.*?)\{([^{}]*)\}(.*)$/.exec(path) ?? [];
  return choices ? choices.split(",").flatMap((choice) => expanded(before + choice + after)) : [path];
}

/** Paths in backticks that name nothing. A path may leave out its first folders (`hub/subscriber.rs`), and contain `*`. */
function missingPaths(text, paths) {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, quoted]) => quoted);
  const isPath = (quoted) => /^[\w.@{*-][\w.@{},*/-]*$/.test(quoted) &&
    (/^\w[\w-]*\/[^:]*$/.test(quoted) || /\.(rs|ts|mjs|css|toml|md|yml|txt|conf|env)$/.test(quoted));
  return quoted.filter((quoted) => isPath(quoted) && !GENERATED.has(quoted.split("/")[0])).filter((quoted) =>
    !expanded(quoted).every((path) => {
      const escaped = path.replace(/[.+^$()|[\]\\]/g, "\\$&").replace(/\*/g, "[^/]*");
      const suffix = new RegExp(`/${escaped}$`);
      return paths.some((path) => suffix.test(path));
    }));
}

const complaints = [];
for (const crate of CRATES) {
  const src = join(crate, "src");
  const graph = new Map();
  const root = join(src, "lib.rs");
  const reexported = existsSync(root) ? reexports(codeOf(readFileSync(root, "utf8"))) : new Map();
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
    const use = (name) => uses.add(reexported.get(name) ?? name);
    for (const [, name] of code.matchAll(/\bcrate::(\w+)/g)) use(name);
    for (const [, names] of code.matchAll(/\bcrate::\{([^;]*?)\};/gs)) {
      for (const [, name] of names.replace(/\{[^{}]*\}/g, "").matchAll(/(?:^|,)\s*(\w+)/g)) use(name);
    }
    // `super` of a top-level module is the root.
    const fromRoot = new RegExp(`(?<!super::)\\b(?:super::){${depthOf(src, file)}}(?!super::)(\\w+)`, "g");
    for (const [, name] of code.matchAll(fromRoot)) use(name);
    uses.delete(from);
  }
  for (const [from, uses] of graph) graph.set(from, [...uses].filter((name) => graph.has(name)));
  for (const members of circles(graph)) complaints.push(`${src}: a circle of modules: ${members.sort().join(", ")}`);
}
const paths = sourcePaths();
for (const document of DOCUMENTS) {
  for (const path of missingPaths(readFileSync(document, "utf8"), paths)) complaints.push(`${document}: no such path: ${path}`);
}
for (const complaint of complaints) console.log(complaint);
process.exitCode = complaints.length ? 1 : 0;
