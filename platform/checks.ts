/**
 * Checks of what people write: each refusal says where it stands, the value, and what is allowed.
 */

import { distance } from "fastest-levenshtein";
import { inspect } from "node:util";

/** A value that the lab refuses, found before anything is touched. */
export class BadInputError extends Error {
  /**
   * @param where where the value stands: a construct's path, or a file and line
   * @param problem the value and what is allowed instead
   * @param options the options that it is about, the nearest first: by them the place in a class file is found
   */
  constructor(
    readonly where: string,
    readonly problem: string,
    readonly options: readonly string[] = [],
  ) {
    super(`${where}: ${problem}`);
    this.name = "BadInputError";
  }
}

/** More than these nobody reads. */
const MAX_LINES = 50;

/** Several values that the lab refuses: its message has a line for each. */
export class BadInputErrors extends BadInputError {
  /** @param mistakes at least one */
  constructor(readonly mistakes: readonly BadInputError[]) {
    super(mistakes[0]!.where, mistakes[0]!.problem, mistakes[0]!.options);
    const more = mistakes.length - MAX_LINES;
    this.message = mistakes
      .slice(0, MAX_LINES)
      .map(({ message }) => message)
      .concat(more > 0 ? [`... and ${more} more`] : [])
      .join("\n");
  }
}

/** Refuses these mistakes, all at once, each once, in the order of their lines. @throws BadInputError when there is one */
export function refuseAll(mistakes: readonly BadInputError[]): void {
  const different = [...new Map(mistakes.map((mistake) => [mistake.message, mistake])).values()].sort(byLine);
  if (different.length > 0) {
    throw different.length === 1 ? different[0]! : new BadInputErrors(different);
  }
}

/** Those of one file by their lines; files and constructs among each other as they come. */
function byLine(a: BadInputError, b: BadInputError): number {
  const [fileA, lineA] = a.where.split(/:(?=\d+$)/);
  const [fileB, lineB] = b.where.split(/:(?=\d+$)/);
  return fileA === fileB ? Number(lineA ?? 0) - Number(lineB ?? 0) : 0;
}

let collected: BadInputError[] | undefined;

/**
 * Does some work in which the checks below collect what they refuse, and go on, so that a person sees all of it at once.
 *
 * @returns what the work gave, if nothing was refused, and what was refused
 */
export function collectMistakes<T>(work: () => T): {
  readonly result?: T;
  readonly mistakes: readonly BadInputError[];
} {
  const before = collected;
  const mistakes: BadInputError[] = (collected = []);
  try {
    const result = work();
    return mistakes.length === 0 ? { result, mistakes } : { mistakes };
  } catch (error) {
    if (error instanceof BadInputError) {
      mistakes.push(...mistakesIn(error));
    } else if (mistakes.length === 0) {
      throw error;
    }
    // Else it comes of going on after a mistake.
    return { mistakes };
  } finally {
    collected = before;
  }
}

/** The single mistakes of an error. */
export function mistakesIn(error: BadInputError): readonly BadInputError[] {
  return error instanceof BadInputErrors ? error.mistakes : [error];
}

/** Refuses a value: at once, or with all others of the work around it. @throws BadInputError */
export function refuse(where: string, problem: string, options: readonly string[] = []): void {
  const error = new BadInputError(where, problem, options);
  if (!collected) {
    throw error;
  }
  collected.push(error);
}

/**
 * Refuses options that `allowed` does not name. TypeScript's own check does not see what comes from a file.
 *
 * @throws BadInputError naming the option and the nearest one that exists
 */
export function checkOptions(where: string, given: object, allowed: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (!allowed.includes(name)) {
      const near = nearest(name, allowed);
      const hint = near ? ` Did you mean "${near}"?` : "";
      refuse(where, `unknown option "${name}".${hint} Allowed: ${allowed.join(", ")}.`, [name]);
    }
  }
}

/**
 * Refuses what is not a whole number from `min` to `max`.
 *
 * @throws BadInputError
 */
export function checkInteger(where: string, name: string, value: unknown, min: number, max: number): void {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    refuse(where, `${name} is ${show(value)}; allowed is a whole number from ${min} to ${max}.`, [name]);
  }
}

/**
 * Refuses a heap that leaves a service's container less than `overheadMiB` for what a JVM keeps outside its heap.
 *
 * @throws BadInputError
 */
export function checkHeap(
  where: string,
  name: string,
  heapMiB: number,
  memoryMiB: number,
  overheadMiB: number,
  minHeapMiB: number,
): void {
  checkInteger(where, name, heapMiB, minHeapMiB, 1024 * 1024);
  if (heapMiB + overheadMiB > memoryMiB) {
    refuse(
      where,
      `${name} is ${heapMiB}, but the container has memoryMiB ${memoryMiB} and ${overheadMiB} MiB of that are needed ` +
        `outside the heap; allowed is a heap up to ${memoryMiB - overheadMiB}, or more memoryMiB.`,
      [name, "memoryMiB"],
    );
  }
}

/** Ports that may be published: below 1024 a container's user may not listen, and 0 means "any" to Docker. */
export const PUBLISHED_PORT_RANGE = { min: 1024, max: 65535 } as const;

/** Refuses a host port that can't be published. @throws BadInputError */
export function checkPublishedPort(where: string, name: string, port: unknown): void {
  checkInteger(where, name, port, PUBLISHED_PORT_RANGE.min, PUBLISHED_PORT_RANGE.max);
}

/** What a lab may be called. */
export const LAB_ID = /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/;

/**
 * Refuses a lab's id that can't be part of a host name, a container's name and a Terraform stack's name at once.
 *
 * @throws BadInputError
 */
export function checkLabId(where: string, id: unknown): asserts id is string {
  if (typeof id !== "string" || !LAB_ID.test(id) || id.includes("--")) {
    throw new BadInputError(
      where,
      `the lab's id is ${show(id)}; allowed are 2 to 32 of a-z, 0-9 and single "-", ` +
        `a letter first and no "-" at the end.`,
      ["id"],
    );
  }
}

const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/** Refuses an address that a port can't be bound to. @throws BadInputError */
export function checkBindAddress(where: string, name: string, address: unknown): void {
  if (typeof address !== "string" || !IPV4.test(address)) {
    refuse(where, `${name} is ${show(address)}; allowed is one IPv4 address such as 127.0.0.1.`, [name]);
  }
}

const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Refuses environment variables whose names or values a container can't have. @throws BadInputError */
export function checkEnvironment(where: string, environment: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (!ENVIRONMENT_NAME.test(name)) {
      refuse(where, `environment has the name ${show(name)}; allowed are letters, digits and "_", no digit first.`, [
        "environment",
      ]);
    }
    if (typeof value !== "string" || value.includes("\0")) {
      refuse(where, `environment ${name} is ${show(value)}; allowed is a string.`, ["environment"]);
    }
  }
}

/** A value as a person reads it in a message: quoted, on one line, cut when it is long. */
export function show(value: unknown): string {
  const text = (asJson(value) ?? inspect(value)).replaceAll(/\s+/g, " ");
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Undefined for what JSON has no word for. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The candidate that is at most two edits (and less than half the word) away, if there is one. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const scored = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = scored[0];
  return best && best.edits <= Math.min(2, Math.floor(word.length / 2)) ? best.candidate : undefined;
}
