import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** Prints what the measurements found: annotations of the type `figure`, "what | how much". */
export default class Table implements Reporter {
  onTestEnd(test: TestCase, result: TestResult): void {
    console.log(`\n${test.title}`);
    for (const { type, description } of result.annotations) if (type === "figure") console.log(`  ${description}`);
    for (const error of result.errors) console.log(error.message ?? error.value);
  }

  onEnd(result: FullResult): void {
    if (result.status !== "passed") console.log(`\n${result.status}`);
  }

  printsToStdio(): boolean {
    return true;
  }
}
