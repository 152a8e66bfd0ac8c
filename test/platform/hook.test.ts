import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Hook, HookProps } from "../../platform/hook";
import { REPOSITORY } from "../../platform/repository";
import type { Lab } from "../../platform/lab";
import { labStack, resource, synthesized } from "../support/synth";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(REPOSITORY, "test", "hook-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return relative(REPOSITORY, join(folder, name));
}

function hookOn(lab: Lab, props: Partial<HookProps>): Hook {
  return new Hook(lab, "more", { service: lab.services[0]!, command: ["true"], ...props });
}

function contentTrigger(path: string): unknown {
  const stack = labStack();
  hookOn(stack.lab, { files: [path] });
  return (resource(synthesized(stack), "terraform_data", "/more/step").triggers_replace as { content: string }).content;
}

test("a hook runs again when its file changes, and not when it does not", () => {
  const path = file("job.py", "print(1)\n");
  const before = contentTrigger(path);
  expect(contentTrigger(path)).toBe(before);
  file("job.py", "print(2)\n");
  expect(contentTrigger(path)).not.toBe(before);
});

describe("refused at synth", () => {
  test.each<[string, () => Partial<HookProps>, RegExp]>([
    ["a missing file", () => ({ files: ["jobs/none.py"] }), /local\/lab\/more: the file jobs\/none.py is missing/],
    [
      "a job that does not parse",
      () => ({ files: [file("job.py", "x = (\n")] }),
      /job.py is not Python: line \d+ does not parse/,
    ],
    ["an empty DDL", () => ({ files: [file("ddl.sql", "-- nothing\n\n")] }), /ddl.sql has no statement/],
    ["no command", () => ({ command: [] }), /command is \[\]/],
    ["no time", () => ({ timeoutSeconds: 0 }), /timeoutSeconds is 0; allowed is a whole number from 1/],
    ["an unknown option", () => ({ timeout: 3 }) as Partial<HookProps>, /unknown option "timeout"/],
  ])("%s", (_name, props, message) => {
    expect(() => hookOn(labStack().lab, props())).toThrow(message);
  });

  test("a second hook of one name", () => {
    const { lab } = labStack();
    hookOn(lab, {});
    expect(() => hookOn(lab, {})).toThrow(/already/);
  });
});
