// Lints beyond those of the compiler: circles of modules, doc comments of one word, replaced names, paths in documents.
//
//   node tools/lint.mjs        prints each violation; exit status 1 if there is any
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { moduleCircles } from "./module-circles.mjs";

const CRATES = ["protocol", "client", "chat", "app", "server", "bench", "test-servers", "examples/bot", "examples/market"];

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
  for (const file of rustFiles(src)) {
    const lines = readFileSync(file, "utf8").split("\n");
    for (const [number, line] of lines.entries()) {
      const begins = !/^\s*\/\/[/!]/.test(lines[number - 1] ?? "");
      if (begins && /^\s*\/\/[/!] \w+\.$/.test(line)) complaints.push(`${file}:${number + 1}: a doc comment of one word`);
    }
  }
  for (const members of moduleCircles(src)) complaints.push(`${src}: a circle of modules: ${members.join(", ")}`);
}
const paths = sourcePaths();
for (const document of DOCUMENTS) {
  for (const path of missingPaths(readFileSync(document, "utf8"), paths)) complaints.push(`${document}: no such path: ${path}`);
}
for (const complaint of complaints) console.log(complaint);
process.exitCode = complaints.length ? 1 : 0;
