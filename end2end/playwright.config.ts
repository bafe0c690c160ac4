import { defineConfig } from "@playwright/test";

// Tests that measure times of a few hundred milliseconds, or load the machine so that others could not.
const MEASURING = /\/(black-holes|cluster|engines|exactly-once|fallback|history|layout-shift|lighthouse|list|main-job|many-conversations|messages|page-lifecycle|presence|program|proxy|push|reconnect|walker)\.spec\.ts$/;

export default defineConfig({
  testDir: "./tests",
  projects: [
    { name: "measuring", testMatch: MEASURING, outputDir: "./results/measuring" },
    { name: "others", testIgnore: MEASURING, outputDir: "./results/others" },
  ],
  fullyParallel: true,
  // Each test has a server and up to three browser windows.
  workers: process.env.E2E_WORKERS ? Number(process.env.E2E_WORKERS) : 1,
  // A test that passes the second time only is a failing test.
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
