import { Command, CommanderError } from "commander";
import { REPOSITORY } from "../../platform/repository";
import { EXIT, EXIT_MEANINGS } from "./command";
import { cost } from "./cost";
import { doctor } from "./doctor";
import { check } from "./check";
import { down } from "./down";
import { golden } from "./golden";
import { reset } from "./reset";
import { restore } from "./restore";
import { save } from "./save";
import { status } from "./status";
import { up } from "./up";

/** Each command declares itself; one line each. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  ...[up, status, check, save, restore, reset, down],
  ...[golden, cost, doctor],
];

/** The program with its commands. */
export function classProgram(): Command {
  const meanings = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`);
  const program = new Command("npm run class --")
    .description("What Terraform has no word for: a whole class's labs, from the class file (class.yaml).")
    .addHelpText("afterAll", `\nExit codes:\n${meanings.join("\n")}`)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  COMMANDS.forEach((add) => add(program));
  return program;
}

/** Runs the program. Words that it does not know end it with their own exit code. */
export async function main(words: readonly string[]): Promise<void> {
  process.chdir(REPOSITORY);
  try {
    await classProgram().parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    // --help and the like end with 0.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.badInput;
  }
}
