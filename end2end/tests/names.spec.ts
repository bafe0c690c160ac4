import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ui from "../support/page";
import { run } from "../support/server";
import { expect, test } from "../support/test";

interface Case {
  name: string;
  finds: string[];
  misses: string[];
}

const cases: Case[] = JSON.parse(readFileSync(join(__dirname, "../../protocol/tests/folding.json"), "utf8"));

test("V14 the jump dialog finds titles by the beginnings of words, whatever the marks", async ({ people }) => {
  const anna = await people.join("anna");
  await people.bot("bob");
  for (const { name } of cases) await anna.api.conversation(["bob"], name);
  await anna.goes("/");
  await anna.isLive();
  await anna.page.keyboard.press("Control+k");
  const jump = anna.page.getByRole("dialog", { name: "Jump to a conversation" });
  const field = jump.getByRole("combobox");
  const option = (name: string) => jump.locator("a[role=option] bdi").filter({ hasText: name });
  for (const { name, finds, misses } of cases) {
    for (const query of finds) {
      await field.fill(query);
      await expect(option(name), `${name} by ${query}`).not.toHaveCount(0);
    }
    for (const query of misses) {
      await field.fill(query);
      await expect(option(name), `${name} not by ${query}`).toHaveCount(0);
    }
  }
});

test("V14 the search for people finds names without marks, and parts of usernames", async ({ people }) => {
  const anna = await people.join("anna");
  await people.join("zoe.smith", { first_name: "Zoë", last_name: "Jean-Luc" });
  await anna.goes("/");
  await anna.isLive();
  await anna.page.getByRole("link", { name: "New conversation" }).click();
  for (const query of ["zoe", "luc", "smith", "smi ZOË"]) {
    await anna.page.getByRole("search").getByRole("searchbox").fill(query);
    await expect(anna.page.locator(`.people[data-words="${query}"]`)).toContainText("@zoe.smith");
  }
  await anna.page.getByRole("search").getByRole("searchbox").fill("mith");
  await expect(anna.page.locator('.people[data-words="mith"]')).not.toContainText("@zoe.smith");
});

test("V15 people whose names look alike are shown with their usernames, live", async ({ people }) => {
  const anna = await people.join("anna");
  const cara = await people.join("cara", { first_name: "Cara" });
  const other = await people.join("other", { first_name: "Dana" });
  const direct = await anna.api.conversation(["cara"]);
  const group = await anna.api.conversation(["cara", "other"], "Team");
  await other.api.send(group, "hello");
  await anna.opens(group);
  await anna.sees("hello");
  const author = ui.log(anna.page).locator(".author");
  await expect(author).toHaveText("Dana");
  // The first letter is Cyrillic.
  await other.api.patch("/api/me", { first_name: "Сara" });
  await expect(author).toContainText("@other");
  await expect(ui.row(anna.page, direct).locator(".name")).toContainText("@cara");
  await anna.listed("Cara").click();
  await expect(anna.page).toHaveTitle(/@cara/);
  await cara.api.patch("/api/me", { first_name: "Carla" });
  await expect(ui.row(anna.page, direct).locator(".name")).toHaveText("Carla");
  await expect(anna.page).toHaveTitle("Carla · Rapport");
});

test("V18 a suspended person is marked, and the composer says that nothing can be sent", async ({ people, server }) => {
  const anna = await people.join("anna");
  await people.bot("ben");
  const id = await anna.api.conversation(["ben"]);
  await anna.opens(id);
  await anna.says("before");
  const suspend = (...lift: string[]) => run(["user", "suspend", "ben", ...lift], { RAPPORT_DATA: server.data });
  expect((await suspend()).code).toBe(0);
  await expect(anna.page.locator(".head")).toContainText("Suspended");
  await expect(ui.row(anna.page, id)).toContainText("Suspended");
  await expect(anna.page.locator("#composer-note")).toContainText("Nothing can be sent");
  await ui.composer(anna.page).fill("after");
  await ui.composer(anna.page).press("Enter");
  const failed = ui.rows(anna.page).filter({ hasText: "after" });
  await expect(failed.locator(".failed")).toContainText("This person's account is suspended.");
  expect((await suspend("--lift")).code).toBe(0);
  await expect(anna.page.locator("#composer-note")).not.toContainText("Nothing can be sent");
  await expect(ui.row(anna.page, id)).not.toContainText("Suspended");
  await failed.getByRole("button", { name: "Try again" }).click();
  await expect(failed.locator(".failed")).toHaveCount(0);
});
