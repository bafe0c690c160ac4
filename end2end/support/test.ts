import { test as base, expect } from "@playwright/test";
import { People } from "./people";
import { Proxy } from "./proxy";
import { Server } from "./server";

/** The fixtures of a test. */
interface Options {
  /** Environment of the server. */
  settings: Record<string, string | undefined>;
}

interface Fixtures {
  /** A server of this test's own. */
  server: Server;
  /** Stands between the browsers and the server, in a test that asks for it. */
  network: Proxy;
  /** Come directly to the server. */
  people: People;
  /** Come through the proxy. */
  proxied: People;
}

// Many people come from one address in a test, and histories have to be written before they can be read.
export const ROOM = {
  RAPPORT_LIMITS__SENDS_PER_SECOND: "1000",
  RAPPORT_LIMITS__SEND_BURST: "1000",
  RAPPORT_LIMITS__REGISTRATIONS_PER_HOUR: "1000",
  RAPPORT_LIMITS__SIGN_INS_PER_MINUTE: "1000",
};

export const test = base.extend<Options & Fixtures>({
  settings: [{}, { option: true }],

  server: async ({ settings }, use, info) => {
    const server = new Server({ ...ROOM, ...settings });
    await server.start();
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach("server log", { body: server.log });
    await server.remove();
    expect(server.log, "the server must not panic").not.toContain("panicked at");
  },

  network: async ({ server }, use) => {
    const proxy = new Proxy(() => server.port);
    await proxy.start();
    // The origin that browsers use is the proxy's: the server has to be told, and is known by that from now on.
    server.configure({ RAPPORT_PUBLIC_URL: proxy.url });
    await server.restart();
    await use(proxy);
    await proxy.close();
  },

  people: async ({ browser, server }, use) => {
    const people = new People(browser, () => server.url);
    await use(people);
    await people.leave();
    expect(people.watch.problems, "errors that pages reported").toEqual([]);
  },

  proxied: async ({ browser, network }, use) => {
    const people = new People(browser, () => network.url);
    await use(people);
    await people.leave();
    expect(people.watch.problems, "errors that pages reported").toEqual([]);
  },
});

export { expect };
