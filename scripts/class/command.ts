/** What all commands of `npm run class` share: exit codes, `--json`, and how errors are told. */
import type { Command } from "commander";
import { BadInputError, BadInputErrors, mistakesIn } from "../../platform/checks";
import { StepFailed } from "../../platform/steps/docker";
import { LabBusy } from "../../platform/lab-lock";
import { pickLabs } from "../../roster/chosen";
import type { LabEntry } from "../../roster/class-file";
import { StateUnreachable } from "../../stacks/lab-state";

/** The exit codes of every command. */
export const EXIT = {
  done: 0,
  fault: 1,
  badInput: 2,
  someFailed: 3,
  refused: 4,
  leftovers: 5,
  interrupted: 130,
} as const;

/** One of them. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What they mean: for --help; docs/class-command.md has the same table. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  [EXIT.done]: "all done",
  [EXIT.fault]: "a fault of the program or of this machine; the message says which",
  [EXIT.badInput]: "bad input: an option, a student or the class file; nothing was touched",
  [EXIT.someFailed]: "some labs failed, or are not as they should be; the others are done",
  [EXIT.refused]: "refused: another process is at the lab, or you did not agree; nothing was touched",
  [EXIT.leftovers]: "taken away, but something is left; the message names it",
  [EXIT.interrupted]: "interrupted; the same command goes on where it stopped",
};

/** What a command came to. */
export interface CommandResult {
  readonly exitCode: ExitCode;
  /** For `--json`: one document on standard output. */
  readonly json: unknown;
  /** The same for a person. */
  readonly text: string;
}

/** A command can't go on, and says why. */
export class CommandFailed extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

/** Options that every command has. */
export interface CommonOptions {
  /** Print one JSON document rather than text. */
  readonly json?: boolean;
}

/** One command of `npm run class`. */
export interface CommandDefinition<Options> {
  /** Its name and arguments as commander takes them: `up [students...]`. */
  readonly usage: string;
  readonly description: string;
  /** Declares its own options. */
  readonly options?: (command: Command) => Command;
  /** Does it. Its arguments come as they stand in `usage`: a list for `[students...]`, else a string. */
  readonly run: (
    args: readonly (string | string[] | undefined)[],
    options: Options & CommonOptions,
  ) => Promise<CommandResult>;
}

/** Adds a command to the program. */
export function addCommand<Options>(program: Command, definition: CommandDefinition<Options>): void {
  const command = program.command(definition.usage).description(definition.description);
  definition.options?.(command);
  command.option("--json", "print one JSON document rather than text");
  command.action(async () => {
    const options = command.opts<Options & CommonOptions>();
    const { exitCode, json, text } = await definition
      .run(command.processedArgs as (string | string[] | undefined)[], options)
      .catch(toResult);
    if (options.json) {
      console.log(JSON.stringify(json, undefined, 2));
    } else if (text) {
      (isError(json) ? console.error : console.log)(text);
    }
    process.exitCode = exitCode;
  });
}

/** The students that a command names, in the class's order; without any, all of them. @throws BadInputError */
export function chosenStudents(entries: readonly LabEntry[], ids: readonly string[]): LabEntry[] {
  return ids.length === 0 ? [...entries] : pickLabs("students", entries, ids);
}

function toResult(error: unknown): CommandResult {
  const { exitCode, message } = known(error);
  // A text is cut where nobody reads on; a program gets all of them.
  const mistakes = error instanceof BadInputErrors ? mistakesIn(error).map((mistake) => mistake.message) : undefined;
  return { exitCode, json: { error: message, mistakes }, text: message };
}

function isError(json: unknown): boolean {
  return typeof json === "object" && json !== null && "error" in json;
}

/** What somebody can mend is its message alone; a fault of the program keeps its stack trace. */
function known(error: unknown): { readonly exitCode: ExitCode; readonly message: string } {
  if (error instanceof CommandFailed) {
    return error;
  }
  if (error instanceof BadInputError) {
    return { exitCode: EXIT.badInput, message: error.message };
  }
  if (error instanceof StateUnreachable || error instanceof StepFailed) {
    return { exitCode: EXIT.fault, message: error.message };
  }
  if (error instanceof LabBusy) {
    return { exitCode: EXIT.refused, message: error.message };
  }
  return { exitCode: EXIT.fault, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
