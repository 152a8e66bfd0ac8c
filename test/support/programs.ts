import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A folder of programs that a test's commands find before the machine's. */
export class Programs {
  readonly folder = mkdtempSync(join(tmpdir(), "programs-"));
  private readonly path = process.env.PATH ?? "";

  constructor() {
    process.env.PATH = [this.folder, this.path].join(delimiter);
  }

  /** Puts a shell script into it, in place of one of that name. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(this.folder, name), 0o755);
  }

  remove(): void {
    process.env.PATH = this.path;
    rmSync(this.folder, { recursive: true });
  }
}
