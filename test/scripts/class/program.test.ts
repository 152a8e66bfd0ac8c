import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classProgram, main } from "../../../scripts/class/program";
import { addCommand, CommandFailed, CommandResult, EXIT, EXIT_MEANINGS } from "../../../scripts/class/command";
import { LabBusy } from "../../../platform/lab-lock";
import { BadInputError, BadInputErrors } from "../../../platform/checks";

const folder = mkdtempSync(join(tmpdir(), "class-program-"));
const classFile = join(folder, "class.yaml");
let output = "";
let errors = "";

beforeEach(() => {
  output = errors = "";
  process.env.CLASS_FILE = classFile;
  writeFileSync(classFile, "students:\n  - id: ann\n  - id: ben\n    services: { mids: { gameApiPort: 5001 } }\n");
  jest.spyOn(console, "log").mockImplementation((text: string) => void (output += `${text}\n`));
  jest.spyOn(console, "error").mockImplementation((text: string) => void (errors += `${text}\n`));
  const take = (chunk: string | Uint8Array): boolean => ((errors += String(chunk)), true);
  jest.spyOn(process.stderr, "write").mockImplementation(take);
  jest.spyOn(process.stdout, "write").mockImplementation((chunk) => ((output += String(chunk)), true));
});

afterEach(() => {
  jest.restoreAllMocks();
  delete process.env.CLASS_FILE;
  process.exitCode = undefined;
});

afterAll(() => rmSync(folder, { recursive: true }));

async function type(words: string): Promise<number> {
  process.exitCode = undefined;
  await main(words.split(" "));
  return Number(process.exitCode ?? 0);
}

describe("npm run class", () => {
  test("--help of the program and of each command says what the exit codes mean", async () => {
    for (const command of ["", ...classProgram().commands.map((one) => `${one.name()} `)]) {
      output = "";
      expect(await type(`${command}--help`)).toBe(EXIT.done);
      for (const meaning of Object.values(EXIT_MEANINGS)) {
        expect(output).toContain(meaning);
      }
      expect(output).toContain(command ? "--json" : "up [options] [students...]");
    }
  });

  test.each([
    ["foo", "unknown command 'foo'"],
    ["up --parallel 0", "Allowed is a whole number from 1 to 100."],
    ["up bem", 'students: there is no lab "bem". Did you mean "ben"? Allowed: ann, ben.'],
  ])("%s is refused before anything is touched", async (words, message) => {
    expect(await type(words)).toBe(EXIT.badInput);
    expect(errors).toContain(message);
  });
});

describe("a command's result", () => {
  async function result(run: () => Promise<CommandResult>, words: string): Promise<number> {
    const program = classProgram();
    addCommand(program, { usage: "try", description: "", run });
    process.exitCode = undefined;
    await program.parseAsync(words.split(" "), { from: "user" });
    return Number(process.exitCode ?? 0);
  }
  const done: CommandResult = { exitCode: EXIT.someFailed, json: { labs: [] }, text: "none" };

  test("is text, or with --json one document", async () => {
    expect(await result(() => Promise.resolve(done), "try")).toBe(EXIT.someFailed);
    expect(output).toBe("none\n");
    output = "";
    await result(() => Promise.resolve(done), "try --json");
    expect(JSON.parse(output)).toEqual({ labs: [] });
  });

  test.each([
    [new BadInputError("class.yaml:3", "it is bad"), EXIT.badInput, "class.yaml:3: it is bad\n"],
    [new LabBusy("another process"), EXIT.refused, "another process\n"],
    [new CommandFailed(EXIT.leftovers, "something is left"), EXIT.leftovers, "something is left\n"],
  ])("an error is its message alone: %s", async (error, code, message) => {
    expect(await result(() => Promise.reject(error), "try")).toBe(code);
    expect(errors).toBe(message);
    await result(() => Promise.reject(error), "try --json");
    expect(JSON.parse(output)).toEqual({ error: message.trim() });
  });

  test("of many mistakes a text has the first ones, and JSON all", async () => {
    const mistakes = Array.from({ length: 60 }, (_, index) => new BadInputError(`class.yaml:${index}`, "it is bad"));
    const fail = (): Promise<CommandResult> => Promise.reject(new BadInputErrors(mistakes));
    await result(fail, "try");
    expect(errors).toMatch(/class.yaml:49: it is bad\n\.\.\. and 10 more\n$/);
    await result(fail, "try --json");
    expect((JSON.parse(output) as { mistakes: string[] }).mistakes).toEqual(mistakes.map(({ message }) => message));
  });

  test("a fault of the program keeps its stack trace", async () => {
    expect(await result(() => Promise.reject(new TypeError("oops")), "try")).toBe(EXIT.fault);
    expect(errors).toContain("program.test");
  });
});
