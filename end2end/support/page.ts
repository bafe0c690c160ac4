import type { Locator, Page } from "@playwright/test";

// All selectors: the interface of the pages for tests, styles and screen readers.

export const composer = (page: Page): Locator => page.getByRole("textbox", { name: "Message" });
/** The form of the composer; its `action` names the conversation. */
export const form = (page: Page): Locator => page.locator(".composer");
export const send = (page: Page): Locator => page.getByRole("button", { name: "Send", exact: true });
export const log = (page: Page): Locator => page.getByRole("log");
export const rows = (page: Page): Locator => log(page).locator("[data-client-id]");
export const content = (row: Locator | Page): Locator => row.locator(".content");
export const list = (page: Page): Locator => page.getByRole("navigation", { name: "Conversations" });
/** The rows of the conversations with this text in their name: a row also shows the author of the last message. */
export const listed = (page: Page, name: string): Locator =>
  list(page).getByRole("link").filter({ has: page.locator(".name", { hasText: name }) });
export const row = (page: Page, conversation: number): Locator => page.locator(`.item[href="/c/${conversation}"]`);
export const unread = (row: Locator): Locator => row.locator(".unread");
export const preview = (row: Locator): Locator => row.locator(".preview");
export const typing = (page: Page): Locator => page.locator(".typing");
export const badge = (page: Page): Locator => page.locator(".badge:visible");
/** The one voice in which changes are spoken. */
export const spoken = (page: Page): Locator => page.locator(".announcer");
export const older = (page: Page): Locator => page.getByRole("link", { name: /older/i });

/** Where the live client stands: what `html[data-link]` may say. */
export type Link = "connected" | "connecting" | "reconnecting" | "polling" | "offline" | "failed";

/** Selectors for code that runs inside the page and takes one consistent snapshot of it. */
export const PARTS = {
  head: ".head h1",
  log: "[role=log]",
  row: "[role=log] [data-client-id]",
  content: ".content",
  typing: ".typing",
  composer: ".composer",
  field: ".composer textarea",
  details: ".details",
  detailsName: ".details-name",
  list: ".list",
  item: ".item",
  name: ".name",
  preview: ".preview",
  unread: ".unread",
  back: ".back",
} as const;
