import { expect, test } from "../support/test";

interface Manifest {
  name: string;
  start_url: string;
  display: string;
  background_color: string;
  icons: { src: string; sizes: string; type: string; purpose?: string }[];
}

test("P5 the manifest is complete, and each icon has the size that it names", async ({ people }) => {
  const page = await people.window("anybody");
  await page.goto(`${people.url()}/sign-in`);
  const address = await page.locator("link[rel=manifest]").getAttribute("href");
  const answer = await page.request.get(people.url() + address);
  expect(answer.headers()["content-type"]).toBe("application/manifest+json");
  const manifest = (await answer.json()) as Manifest;
  expect(manifest).toMatchObject({ name: "Rapport", start_url: "/", display: "standalone" });
  const touch = await page.locator("link[rel=apple-touch-icon]").getAttribute("href");
  const drawn = [...manifest.icons.filter((icon) => icon.type === "image/png"), { src: touch ?? "", sizes: "180x180", type: "image/png" }];
  expect(drawn.map(({ sizes, ...icon }) => [sizes, "purpose" in icon ? icon.purpose : undefined])).toEqual([
    ["192x192", undefined],
    ["512x512", undefined],
    ["512x512", "maskable"],
    ["180x180", undefined],
  ]);
  for (const { src, sizes, type } of drawn) {
    const picture = await page.request.get(people.url() + src);
    expect([picture.status(), picture.headers()["content-type"]], src).toEqual([200, type]);
    expect((await picture.body()).length, `bytes of ${src}`).toBeLessThan(20_000);
    const look = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
      const drawing = canvas.getContext("2d");
      drawing?.drawImage(image, 0, 0);
      return { size: `${image.width}x${image.height}`, corner: drawing?.getImageData(0, 0, 1, 1).data[3] };
    }, src);
    expect(look, src).toEqual({ size: sizes, corner: /maskable|180/.test(src) ? 255 : 0 });
  }
});
