/** Pseudorandom number generator (mulberry32): the same seed gives the same numbers. */
export class Random {
  constructor(private state: number) {}

  /** A random seed of five digits. */
  static seed(): number {
    return 10_000 + Math.floor(Math.random() * 90_000);
  }

  /** A number in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)];
  }

  /** One element, chosen with a probability in proportion to its weight. */
  weighted<T extends { weight: number }>(all: readonly T[]): T {
    let left = this.next() * all.reduce((sum, one) => sum + one.weight, 0);
    return all.find((one) => (left -= one.weight) < 0) ?? all[all.length - 1];
  }

  /** Lower-case letters, `least` to `most` of them. */
  letters(least: number, most: number): string {
    const count = least + this.below(most - least + 1);
    return Array.from({ length: count }, () => "abcdefghijklmnopqrstuvwxyzäöü"[this.below(29)]).join("");
  }
}
