// node tools/failures.mjs rust LOG | browser RESULTS: prints the failed tests of a run, each with the first lines of its error.
// LOG is the output of `cargo test`, RESULTS the file of Playwright's JSON reporter.
import { readFileSync } from "node:fs";

/** Lines of an error that are printed, and their longest length: CI shows the end of the output only. */
const LINES = 20;
const LENGTH = 400;

/** The failed tests in the output of `cargo test`; the error begins with the panic. */
function ofRust(log) {
  const lines = log.split("\n");
  return lines.filter((line) => /^test .* FAILED$/.test(line)).map((line) => {
    const name = line.split(" ")[1];
    const output = lines.slice(lines.indexOf(`---- ${name} stdout ----`) + 1);
    const end = output.findIndex((line) => /^---- .* stdout ----$|^failures:$/.test(line));
    const printed = output.slice(0, end < 0 ? output.length : end);
    return { name, error: printed.slice(Math.max(0, printed.findIndex((line) => line.includes(" panicked at ")))) };
  });
}

/** The failed tests of one suite of Playwright and of those in it. */
function ofSuite({ specs = [], suites = [] }) {
  const failed = specs.filter((spec) => !spec.ok).map((spec) => {
    const errors = spec.tests.flatMap((test) => test.results).flatMap((result) => result.errors);
    return { name: `${spec.file}:${spec.line} ${spec.title}`, error: errors.flatMap((error) => error.message.split("\n")) };
  });
  return [...failed, ...suites.flatMap(ofSuite)];
}

const [kind, path] = process.argv.slice(2);
const text = readFileSync(path, "utf8");
for (const { name, error } of kind === "rust" ? ofRust(text) : ofSuite(JSON.parse(text))) {
  console.log(`FAILED: ${name}`);
  for (const line of error.slice(0, LINES)) console.log(`  ${line.replace(/\x1b\[\d+m/g, "").slice(0, LENGTH)}`);
}
