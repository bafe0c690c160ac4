import { defineConfig } from "@playwright/test";
import tests from "../playwright.config";

// Not tests: figures for people to look at. One after another, on a machine that does nothing else.
export default defineConfig(tests, {
  testDir: ".",
  outputDir: "../results",
  workers: 1,
  timeout: 900_000,
  reporter: [["./table.ts"]],
  use: { trace: "off" },
});
