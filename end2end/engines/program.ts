import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A program of the system: the one that the environment names, else the first of these on the path or at their place. */
export function program(variable: string, names: string[]): { path: string; missing?: string } {
  const candidates = [process.env[variable] || undefined, ...names].filter((name) => name !== undefined);
  for (const candidate of candidates) {
    const places = candidate.includes("/") ? [candidate] : (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, candidate));
    for (const place of places) if (runs(place)) return { path: place };
  }
  return { path: names[0], missing: `there is no ${names.join(", nor ")} here` };
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
