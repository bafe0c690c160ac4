import { test } from "@playwright/test";

/** Adds a line to the table. */
export function figure(what: string, ...values: string[]): void {
  const description = [what.padEnd(58), ...values.map((value) => value.padStart(14))].join(" ");
  test.info().annotations.push({ type: "figure", description });
}

/** The one in the middle, and the span, of several runs. */
export function middle(values: number[], unit = "ms"): string[] {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, median, high] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted[sorted.length - 1]].map(Math.round);
  return [`${median} ${unit}`, `(${low}–${high})`];
}

export const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
export const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
