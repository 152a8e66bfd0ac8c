import { BadInputError } from "../platform/checks";
import { LabBusy } from "../platform/lab-lock";
import { StateUnreachable } from "../stacks/lab-state";

/** Says what is wrong, in one message, and ends with 1. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** Whether an error is something that somebody can mend, and not a fault of the program. */
export function isMendable(error: unknown): error is Error {
  return error instanceof BadInputError || error instanceof LabBusy || error instanceof StateUnreachable;
}

/** The same with an error: what somebody can mend is its message alone, a fault of the program keeps its stack trace. */
export function failWith(error: unknown): never {
  if (isMendable(error)) {
    fail(error.message);
  }
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
