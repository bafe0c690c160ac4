import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** A screen that nobody sees, for an engine that has no headless mode, at a display number that was free. */
export class Screen {
  private constructor(
    private process: ChildProcess,
    readonly display: string,
  ) {}

  static async open(xvfb: string): Promise<Screen> {
    const process = spawn(xvfb, ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    const number = await new Promise<string>((found, failed) => {
      let said = "";
      (process.stdio[3] as Readable).on("data", (bytes) => {
        said += bytes;
        if (said.includes("\n")) found(said.trim());
      });
      process.on("error", failed);
      process.on("exit", (code) => failed(new Error(`Xvfb ended with ${code}`)));
    });
    return new Screen(process, `:${number}`);
  }

  close(): void {
    this.process.kill();
  }
}
