/** A filter for text frames to the browser: returns the frames to forward instead. */
export type Mangle = (text: string) => string[];

/** Pushes of the server, without answers: only a push may be lost. */
const PUSH = /"type":"(new_message|message_updated|message_deleted|message_read|message_delivered|conversation_updated)"/;

/** Pushes are lost, late, doubled and out of order, each of that a quarter of the time, from a seed. */
export function mangled(seed: number): Mangle {
  const late: string[] = [];
  return (text) => {
    if (!PUSH.test(text)) return [text];
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const dice = seed / 2 ** 32;
    if (dice < 0.25) return [];
    if (dice < 0.5) return late.push(text), [];
    const now = dice < 0.75 ? [text, text] : [text];
    return [...now, ...late.splice(0).reverse()];
  };
}

/** The bytes of a server's socket, from its first byte on, cut into the answer's head and whole frames. */
export class Frames {
  private rest = Buffer.alloc(0);
  private head = true;

  /** Takes bytes; gives what goes on to the browser. */
  take(bytes: Buffer, mangle: Mangle | undefined): Buffer {
    this.rest = Buffer.concat([this.rest, bytes]);
    const out: Buffer[] = [];
    for (let unit = this.next(); unit; unit = this.next()) {
      const whole = unit.frame[0] === 0x81; // a text in one frame, which is how the server speaks
      if (!whole || !mangle) out.push(unit.frame);
      else out.push(...mangle(unit.payload.toString("utf8")).map(frame));
    }
    return Buffer.concat(out);
  }

  private next(): { frame: Buffer; payload: Buffer } | undefined {
    if (this.head) {
      const end = this.rest.indexOf("\r\n\r\n");
      if (end < 0) return undefined;
      this.head = false;
      return this.cut(end + 4, end + 4);
    }
    if (this.rest.length < 2) return undefined;
    const short = this.rest[1] & 0x7f;
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (this.rest.length < start) return undefined;
    const length = short === 127 ? Number(this.rest.readBigUInt64BE(2)) : short === 126 ? this.rest.readUInt16BE(2) : short;
    return this.rest.length < start + length ? undefined : this.cut(start, start + length);
  }

  private cut(start: number, end: number): { frame: Buffer; payload: Buffer } {
    const frame = this.rest.subarray(0, end);
    this.rest = this.rest.subarray(end);
    return { frame, payload: frame.subarray(start) };
  }
}

function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  if (payload.length > 0xffff) throw new Error("a push is never so long");
  return Buffer.concat([head, payload]);
}
