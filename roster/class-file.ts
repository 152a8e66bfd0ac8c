import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isFile, shortPath } from "../platform/files";
import { BadInputError, refuseAll, show } from "../platform/checks";
import { REPOSITORY } from "../platform/repository";
import type { ServicesOptions } from "../stacks/lab-stack";
import { ClassReader } from "./class-reader";
import type { Budget } from "./definition";
import type { Expiry } from "./expiry";
import type { LabSource } from "./lab-source";
import type { StateBucket } from "./state";
import type { Target } from "./target";
import { YamlSource } from "./yaml-source";

/** One lab of the class. */
export interface LabEntry {
  /** The lab's id, and its stack's. */
  readonly id: string;
  readonly services: ServicesOptions;
  /**
   * Where the lab runs.
   * @default - this machine
   */
  readonly target?: Target;
  /**
   * When it ends.
   * @default - never
   */
  readonly expires?: Expiry;
  /**
   * The bucket with its state.
   * @default - its state is in labs/<id>/
   */
  readonly state?: StateBucket;
  /** The student's name. */
  readonly name?: string;
  /** The student's e-mail address. */
  readonly email?: string;
  /** Where in the class file each of its settings stands. */
  readonly source?: LabSource;
}

/** A class. */
export interface LabClass {
  readonly name: string;
  /**
   * The class file.
   * @default - there is none
   */
  readonly file?: string;
  readonly labs: readonly LabEntry[];
  /**
   * What it may cost.
   * @default - no bound
   */
  readonly budget?: Budget;
}

/** The lab of a machine without a class file. */
export const LOCAL_LAB: LabEntry = { id: "local", services: {} };

/** The class file: the environment's CLASS_FILE, else `class.yaml` beside main.ts. */
export function classFile(): string {
  return process.env.CLASS_FILE ? resolve(process.env.CLASS_FILE) : join(REPOSITORY, "class.yaml");
}

/** The labs of the class file. @throws BadInputError as `readClassFile` does */
export function readClass(file = classFile()): readonly LabEntry[] {
  return readClassFile(file).labs;
}

/**
 * Reads the class file; without one there is the one lab `local`.
 *
 * @throws BadInputError naming every mistake by file, line, value and what is allowed
 */
export function readClassFile(file = classFile()): LabClass {
  const { result, mistakes } = inspectClass(file);
  refuseAll(mistakes);
  return result;
}

/** A class as far as its file is right, and what is wrong in it. */
export interface InspectedClass {
  /** Without what is wrong. */
  readonly result: LabClass;
  readonly mistakes: readonly BadInputError[];
}

/** Reads the class file as `readClassFile` does, and hands back its mistakes, for those who look for more of them. */
export function inspectClass(file = classFile()): InspectedClass {
  if (!isFile(file)) {
    const missing = process.env.CLASS_FILE ? [new BadInputError("CLASS_FILE", `there is no file ${show(file)}.`)] : [];
    return { result: { name: "class", labs: [LOCAL_LAB] }, mistakes: missing };
  }
  return inspectText(shortPath(file), readFileSync(file, "utf8"), dirname(file));
}

/** Parses a class file's text; `name` is the file's name for messages. @throws BadInputError */
export function parseClass(name: string, text: string, folder = "."): LabClass {
  const { result, mistakes } = inspectText(name, text, folder);
  refuseAll(mistakes);
  return result;
}

function inspectText(name: string, text: string, folder: string): InspectedClass {
  const reader = new ClassReader(new YamlSource(name, text), folder);
  return { result: { ...reader.read(), file: name }, mistakes: reader.mistakes };
}
