import { defineConfig } from "@playwright/test";
import tests from "../playwright.config";

// The pictures first, then those of the README, which are made of them.
export default defineConfig(tests, {
  testDir: ".",
  outputDir: "../results",
  workers: 1,
  timeout: 240_000,
  use: { trace: "off" },
});
