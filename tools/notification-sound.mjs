// Makes public/notification.wav: two soft tones, 8-bit mono.
import { writeFileSync } from "node:fs";

const RATE = 16_000;
const SECONDS = 0.34;
const TONES = [{ hertz: 660, from: 0 }, { hertz: 880, from: 0.09 }];

const samples = Buffer.alloc(Math.round(RATE * SECONDS));
for (let n = 0; n < samples.length; n++) {
  const now = n / RATE;
  let level = 0;
  for (const { hertz, from } of TONES) {
    const age = now - from;
    // A short attack, then a decay to nothing at the end.
    if (age > 0) level += Math.sin(2 * Math.PI * hertz * age) * Math.min(age / 0.008, 1) * Math.exp(-age * 14);
  }
  const fade = Math.min((SECONDS - now) / 0.02, 1);
  samples[n] = 128 + Math.round(level * fade * 52);
}

const head = Buffer.alloc(44);
head.write("RIFF", 0);
head.writeUInt32LE(36 + samples.length, 4);
head.write("WAVEfmt ", 8);
head.writeUInt32LE(16, 16);
head.writeUInt16LE(1, 20);
head.writeUInt16LE(1, 22);
head.writeUInt32LE(RATE, 24);
head.writeUInt32LE(RATE, 28);
head.writeUInt16LE(1, 32);
head.writeUInt16LE(8, 34);
head.write("data", 36);
head.writeUInt32LE(samples.length, 40);
writeFileSync(new URL("../public/notification.wav", import.meta.url), Buffer.concat([head, samples]));
