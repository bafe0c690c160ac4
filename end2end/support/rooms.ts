import { expect } from "@playwright/test";
import * as ui from "./page";
import type { People, Person } from "./people";

/** So many conversations of this person's, each with a few messages, all read. */
export async function rooms(people: People, person: Person, count: number): Promise<number[]> {
  const bot = await people.bot("talkative");
  const made: number[] = [];
  for (let n = 1; n <= count; n++) {
    const id = await bot.conversation([person.name], `Room ${n}`);
    for (const text of ["First", "Second", `Third, in room ${n}`]) await bot.send(id, text);
    await person.api.post(`/api/conversations/${id}/read`, {});
    made.push(id);
  }
  return made;
}

/** Opens it from the list, as a click does, and waits until what stands in it is there. */
export async function opensFromTheList(person: Person, room: number, n: number): Promise<void> {
  const row = ui.list(person.page).locator(`a[href="/c/${room}"]`);
  // The list loads on as the reader scrolls.
  await expect(async () => {
    if ((await row.count()) === 0) await ui.list(person.page).evaluate((list) => (list.scrollTop = list.scrollHeight));
    expect(await row.count()).toBe(1);
  }).toPass();
  await row.click();
  await expect(ui.log(person.page).getByText(`Third, in room ${n}`, { exact: true })).toBeVisible();
  await expect(ui.composer(person.page)).toBeVisible();
}
