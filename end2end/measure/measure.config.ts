import { defineConfig } from "@playwright/test";
import tests from "../playwright.config";

export default defineConfig(tests, {
  testDir: ".",
  outputDir: "../results",
  // What is recorded costs time itself.
  use: { ...tests.use, trace: "off" },
});
