// Circles among the modules of a Rust crate, at every level: modules with the same parent must not import each other in a circle.
// Imports between a module and its parent are not counted, since a parent declares its children and gives them its types.
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

function* rustFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* rustFiles(path);
    else if (entry.name.endsWith(".rs")) yield path;
  }
}

/** Path of the module in a file: `["a", "b"]` for `a/b.rs` and `a/b/mod.rs`, `[]` for the root. */
function modulePath(src, file) {
  const path = relative(src, file).replace(/\.rs$/, "").split("/");
  if (path.at(-1) === "mod") path.pop();
  return path.length === 1 && ["lib", "main"].includes(path[0]) ? [] : path;
}

/** Code without comments and without its unit tests. */
const codeOf = (text) => text.replace(/\/\/.*$/gm, "").replace(/#\[cfg\(test\)\]\s*mod tests \{[\s\S]*$/, "");

/** The paths of a `use` without its braces: `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`. */
function expanded(tree) {
  const open = tree.indexOf("{");
  if (open < 0) return [tree.replace(/\sas\s+\w+/, "").replace(/\s/g, "")];
  const prefix = tree.slice(0, open);
  const branches = [];
  let depth = 0, branch = "";
  for (const char of tree.slice(open + 1)) {
    if (char === "}" && depth === 0) break;
    depth += { "{": 1, "}": -1 }[char] ?? 0;
    if (char === "," && depth === 0) {
      branches.push(branch);
      branch = "";
    } else branch += char;
  }
  if (branch.trim()) branches.push(branch);
  return branches.flatMap((branch) => expanded(prefix + branch.trim()));
}

/** The modules of a crate by their path: the paths that each one mentions, and the names that its `use` declares. */
function modules(src) {
  const found = new Map();
  for (const file of rustFiles(src)) {
    if (/\/tests?(\/|\.rs$)/.test(file)) continue;
    const code = codeOf(readFileSync(file, "utf8"));
    const use = /\buse\s+([^;]+);/g;
    const used = [...code.matchAll(use)].flatMap(([, tree]) => expanded(tree));
    const inline = [...code.replace(use, "").matchAll(/\b((?:crate|super|self|[a-z_]\w*)(?:::\w+)+)/g)];
    const path = modulePath(src, file).join("::");
    // `lib.rs` and `main.rs` are both the root.
    const module = found.get(path) ?? { paths: [], names: new Map() };
    found.set(path, module);
    module.paths.push(...used, ...inline.map(([, path]) => path));
    for (const path of used) module.names.set(path.replace(/::self$/, "").split("::").at(-1), path);
  }
  return found;
}

/** The module that a path in the module `from` leads to, also through names that a module uses or re-exports; null for another crate. */
function resolve(modules, from, path, depth = 0) {
  if (depth > 8) return null;
  const segments = path.split("::");
  let at = from ? from.split("::") : [];
  let next = 0;
  if (segments[0] === "crate") [at, next] = [[], 1];
  else if (segments[0] === "self") next = 1;
  else if (segments[0] === "super") {
    for (; segments[next] === "super"; next += 1) at = at.slice(0, -1);
  } else if (!modules.has([...at, segments[0]].join("::"))) {
    const name = modules.get(from)?.names.get(segments[0]);
    if (!name || name === path || segments.length === 1) return null;
    return resolve(modules, from, [name, ...segments.slice(1)].join("::"), depth + 1);
  }
  for (; next < segments.length; next += 1) {
    if (segments[next] === "self") continue;
    const child = [...at, segments[next]];
    if (!modules.has(child.join("::"))) {
      const module = at.join("::");
      const name = modules.get(module)?.names.get(segments[next]);
      if (!name || (module === from && name === path)) break;
      return resolve(modules, module, [name, ...segments.slice(next + 1)].join("::"), depth + 1) ?? module;
    }
    at = child;
  }
  return at.join("::");
}

/** Strongly connected nodes of more than one member (Tarjan). */
function circles(graph) {
  const index = new Map(), low = new Map(), stack = [], found = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of graph.get(node)) {
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

/** The circles of a crate, each as the sorted paths of its modules. */
export function moduleCircles(src) {
  const all = modules(src);
  const graphs = new Map();
  for (const module of all.keys()) {
    const path = module ? module.split("::") : [];
    for (let level = 0; level < path.length; level += 1) {
      const parent = path.slice(0, level).join("::");
      const graph = graphs.get(parent) ?? graphs.set(parent, new Map()).get(parent);
      const child = path.slice(0, level + 1).join("::");
      if (!graph.has(child)) graph.set(child, new Set());
    }
  }
  for (const [from, { paths }] of all) {
    for (const to of paths.map((path) => resolve(all, from, path))) {
      if (!from || !to) continue;
      const [one, other] = [from.split("::"), to.split("::")];
      // Where the two paths part: the level of the import.
      const level = one.findIndex((name, level) => name !== other[level]);
      if (level < 0 || level >= other.length) continue;
      const child = (path) => path.slice(0, level + 1).join("::");
      graphs.get(one.slice(0, level).join("::")).get(child(one)).add(child(other));
    }
  }
  return [...graphs.values()].flatMap(circles).map((members) => members.sort());
}
