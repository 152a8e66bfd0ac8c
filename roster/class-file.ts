import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isMap, isNode, isSeq, LineCounter, Node, parseDocument, YAMLMap } from "yaml";
import { BadInputError, checkLabId, checkOptions, show } from "../platform/checks";
import { REPOSITORY } from "../platform/repository";
import type { ServicesOptions } from "../stacks/lab-stack";
import { parseTarget, Target } from "./target";

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
}

/** The lab of a machine without a class file. */
export const LOCAL_LAB: LabEntry = { id: "local", services: {} };

const CLASS_KEYS = ["students", "defaults", "target"];
const STUDENT_KEYS = ["id", "services", "target"];

/**
 * Reads the class file; without one there is the one lab `local`.
 *
 * @param file the class file. Default: the environment's CLASS_FILE, else `class.yaml` beside main.ts
 * @throws BadInputError naming file, line, value and what is allowed
 */
export function readClass(file = process.env.CLASS_FILE ?? join(REPOSITORY, "class.yaml")): LabEntry[] {
  if (!existsSync(file)) {
    if (process.env.CLASS_FILE) {
      throw new BadInputError("CLASS_FILE", `there is no file ${show(file)}.`);
    }
    return [LOCAL_LAB];
  }
  return parseClass(relative(process.cwd(), file), readFileSync(file, "utf8"));
}

/** Parses a class file's text; `name` is the file's name for messages. @throws BadInputError */
export function parseClass(name: string, text: string): LabEntry[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (node: Node | null | undefined): string =>
    node?.range ? `${name}:${lines.linePos(node.range[0]).line}` : name;
  const error = document.errors[0];
  if (error) {
    throw new BadInputError(`${name}:${lines.linePos(error.pos[0]).line}`, error.message.split("\n")[0]!);
  }
  const root = document.contents;
  if (!isMap(root)) {
    throw new BadInputError(name, `the file holds ${show(root?.toJSON())}; allowed is a mapping with "students".`);
  }
  checkOptions(at(root), root.toJSON() as object, CLASS_KEYS);
  const students = root.get("students", true) as unknown;
  if (!isSeq(students) || students.items.length === 0) {
    throw new BadInputError(at(root), `students is missing or empty; allowed is a list of at least one.`);
  }
  const defaults = services(at(root), root.get("defaults"));
  const target = parseTarget(at(root), plain(root.get("target")));
  const ids = new Map<string, string>();
  return students.items.map((item) => {
    const where = at(item as Node);
    if (!isMap(item)) {
      throw new BadInputError(where, `a student is ${show(item)}; allowed is a mapping with "id".`);
    }
    checkOptions(where, item.toJSON() as object, STUDENT_KEYS);
    const id = item.get("id");
    checkLabId(where, id);
    const before = ids.get(id);
    if (before) {
      throw new BadInputError(where, `the id ${show(id)} is taken already, at ${before}.`);
    }
    ids.set(id, where);
    const own = services(where, item.get("services"));
    return { id, services: merge(defaults, own), target: parseTarget(where, plain(item.get("target")), target) };
  });
}

function plain(node: unknown): unknown {
  return isNode(node) ? node.toJSON() : node;
}

function services(where: string, node: unknown): ServicesOptions {
  if (node === undefined || node === null) {
    return {};
  }
  if (!(node instanceof YAMLMap)) {
    throw new BadInputError(where, `services are ${show(node)}; allowed is a mapping of service names to options.`);
  }
  const value = node.toJSON() as Record<string, unknown>;
  for (const [service, options] of Object.entries(value)) {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      throw new BadInputError(where, `${service} is ${show(options)}; allowed is a mapping of options.`);
    }
  }
  return value;
}

/** A student's options over the class's, service by service. */
function merge(defaults: ServicesOptions, own: ServicesOptions): ServicesOptions {
  const names = [...new Set([...Object.keys(defaults), ...Object.keys(own)])] as (keyof ServicesOptions)[];
  return Object.fromEntries(names.map((name) => [name, { ...defaults[name], ...own[name] }]));
}
