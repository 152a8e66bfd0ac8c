import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { MACHINE, REPOSITORY } from "../../scripts/setup/paths.mjs";

let folder: string;

beforeAll(() => {
  mkdirSync(MACHINE, { recursive: true });
  folder = mkdtempSync(join(MACHINE, "run-ts-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
  utimesSync(join(folder, name), 1, text.length);
}

/** Runs a program's text with words; its file is old, so that only what it is made of tells whether it is another. */
function run(text: string, ...words: string[]): { status: number | null; stdout: string; stderr: string } {
  write("program.ts", text);
  const program = relative(REPOSITORY, join(folder, "program.ts"));
  return spawnSync(process.execPath, ["scripts/run-ts.mjs", program, ...words], { cwd: REPOSITORY, encoding: "utf8" });
}

test("a TypeScript program gets its words, the repository's modules and the packages", () => {
  const { status, stdout } = run(
    `import { REPOSITORY } from "../../platform/repository";
     import { parse } from "yaml";
     const words: readonly string[] = process.argv.slice(2);
     console.log(JSON.stringify([words, REPOSITORY, parse("a: 1")]));`,
    "one",
    "--two",
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual([["one", "--two"], REPOSITORY, { a: 1 }]);
});

test("an error tells the line of the source, and the exit code is the program's", () => {
  const failed = run(`interface Unused { readonly a: string }\nthrow new RangeError("too far");`);
  expect(failed.status).not.toBe(0);
  expect(failed.stderr).toMatch(/program\.ts:2/);
  expect(failed.stderr).toContain("RangeError: too far");
  expect(run(`process.exitCode = 3;`).status).toBe(3);
});

test("a program is put into one file again only when one of its sources has changed", () => {
  const made = (): number => statSync(join(MACHINE, "programs", "program.js")).mtimeMs;
  const text = `import { word } from "./part"; console.log(word);`;
  write("part.ts", `export const word: string = "before";`);
  expect(run(text).stdout).toBe("before\n");
  const first = made();
  expect(run(text).stdout).toBe("before\n");
  expect(made()).toBe(first);
  write("part.ts", `export const word: string = "after";`);
  expect(run(text).stdout).toBe("after\n");
});

test("a package that is not here is asked for in words", () => {
  const { status, stderr } = run(`import missing from "no-such-package"; console.log(missing);`);
  expect([status, stderr]).toEqual([1, "\nThe npm packages are not here, or not all of them.\nType: npm run setup\n"]);
});
