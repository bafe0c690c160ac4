import { join, resolve } from "node:path";

/** Where the pictures go. */
export const folder = resolve(process.env.PICTURES || join(__dirname, "../../target/pictures"));
/** Where those of the README go. */
export const docs = join(__dirname, "../../docs");
