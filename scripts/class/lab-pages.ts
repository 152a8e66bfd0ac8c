import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { ACCESS_FILE } from "../../platform/ssh-files";
import { REPOSITORY } from "../../platform/repository";

/** A lab's web pages, and how they come to this machine's browser when the lab is on another. */
export interface LabPages {
  readonly pages: Readonly<Record<string, string>>;
  readonly tunnel?: string;
}

interface Stack {
  readonly output?: { readonly urls?: { readonly value?: Record<string, string> } };
}

/** Reads them from the lab's last synth and its access file. */
export function labPages(lab: string): LabPages {
  const file = join(REPOSITORY, "cdktf.out", "stacks", lab, "cdk.tf.json");
  const stack = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Stack) : {};
  const access = join(labFolder(lab), ACCESS_FILE);
  const tunnel = existsSync(access) ? /^\s*(ssh .*-N.*)$/m.exec(readFileSync(access, "utf8"))?.[1] : undefined;
  return { pages: stack.output?.urls?.value ?? {}, tunnel };
}
