import Ajv, { ErrorObject, Options, ValidateFunction } from "ajv";
import { nearest, show } from "../platform/checks";
import schema from "./class.schema.json";

/** Where a value stands in a file: the keys and positions that lead to it. */
export type Path = readonly (string | number)[];

/** A value that the schema refuses. */
export interface SchemaMistake {
  readonly path: Path;
  /** The value's key itself is what is wrong. */
  readonly key?: boolean;
  readonly problem: string;
}

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

const ID = "class";

/** How the class file is checked: all mistakes at once, with the values. */
export const AJV_OPTIONS: Options = { allErrors: true, verbose: true, allowUnionTypes: true };

let ajv: Ajv | undefined;
const compiled = new Map<string, ValidateFunction>();

/** What the class file's schema refuses in a value, all of it. */
export function schemaMistakes(value: unknown): SchemaMistake[] {
  return mistakesOf({ $ref: `#/definitions/ClassDefinition` }, value, []);
}

function mistakesOf(part: Schema, value: unknown, path: Path): SchemaMistake[] {
  const validate = validator(part);
  if (validate(value)) {
    return [];
  }
  const errors = validate.errors!;
  const unions = errors.filter(({ keyword }) => keyword === "anyOf").map(({ instancePath }) => instancePath);
  return errors.flatMap((error) => {
    const at = [...path, ...pathOf(error.instancePath, value)];
    if (error.keyword === "anyOf") {
      return unionMistakes(error, at);
    }
    // A union says itself what is wrong in the branch that was meant.
    return unions.some((union) => `${error.instancePath}/`.startsWith(`${union}/`)) ? [] : [describe(error, at)];
  });
}

/** Takes the branch that was meant, and says what is wrong with that. */
function unionMistakes(error: ErrorObject, path: Path): SchemaMistake[] {
  const branches = (error.schema as Schema[]).map(resolve);
  const value = error.data;
  const meant = isMapping(value) ? mappingBranch(branches, value) : undefined;
  if (meant) {
    return mistakesOf(meant, value, path);
  }
  return [{ path, problem: refused(path, value, allowedByUnion(branches)) }];
}

/** The branch that has, or almost has, the most of a mapping's keys. */
function mappingBranch(branches: readonly Schema[], value: object): Schema | undefined {
  const score = ({ properties = {} }: Schema): number =>
    Object.keys(value).filter((key) => nearest(key, Object.keys(properties)) !== undefined).length;
  const best = branches.filter(({ type }) => type === "object").sort((a, b) => score(b) - score(a))[0];
  return best && score(best) > 0 ? best : undefined;
}

function describe(error: ErrorObject, path: Path): SchemaMistake {
  const parent = error.parentSchema as Schema;
  const value = error.data;
  switch (error.keyword) {
    case "additionalProperties": {
      const name = (error.params as { additionalProperty: string }).additionalProperty;
      return { path: [...path, name], key: true, problem: unknownOption(name, Object.keys(parent.properties ?? {})) };
    }
    case "required": {
      const name = (error.params as { missingProperty: string }).missingProperty;
      return { path: [...path, name], problem: `${name} is missing: ${parent.properties![name]!.description}` };
    }
    case "pattern":
      // The description says in words what the pattern does.
      return { path, problem: `${label(path)} is ${show(value)}. ${parent.description}` };
    default:
      return { path, problem: refused(path, value, allowed(parent)) };
  }
}

/** The message on an option that there is not. */
export function unknownOption(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `unknown option "${name}".${near ? ` Did you mean "${near}"?` : ""} Allowed: ${known.join(", ")}.`;
}

function refused(path: Path, value: unknown, what: string): string {
  const near = typeof value === "string" ? nearest(value, what.split(", ")) : undefined;
  return `${label(path)} is ${show(value)}; ${near ? `did you mean "${near}"? Allowed` : "allowed"} is ${what}.`;
}

/** What a person calls the value. */
function label(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) {
    return "the file";
  }
  return typeof last === "string" ? last : `item ${last + 1} of ${path.at(-2)}`;
}

function allowed(part: Schema): string {
  const { type, properties } = part;
  if (part.enum ?? part.const) {
    return (part.enum ?? [part.const]).join(", ");
  }
  const words = (name: string): string =>
    ({
      object: properties ? `a mapping with ${Object.keys(properties).slice(0, 9).join(", ")}` : "a mapping",
      array: "a list",
      string: "a text",
      number: "a number",
      boolean: "true or false",
    })[name] ?? name;
  return part.anyOf
    ? allowedByUnion(part.anyOf.map(resolve))
    : [type ?? "another value"].flat().map(words).join(" or ");
}

function allowedByUnion(branches: readonly Schema[]): string {
  return branches
    .map((branch) =>
      branch.type === "object"
        ? `${branch.required?.[0] ?? Object.keys(branch.properties ?? {})[0]}: ...`
        : allowed(branch),
    )
    .join(", ");
}

/** A part of the schema without references. */
function resolve(part: Schema): Schema {
  const names = part.$ref?.split("/").slice(1);
  return names
    ? resolve(
        names.reduce(
          (at: unknown, name) => (at as Record<string, unknown>)[decodeURIComponent(name)],
          schema,
        ) as Schema,
      )
    : part;
}

function validator(part: Schema): ValidateFunction {
  const known = compiled.get(JSON.stringify(part));
  if (known) {
    return known;
  }
  // A test checks the schema itself: here that would take a tenth of a second of each synth.
  ajv ??= new Ajv({ ...AJV_OPTIONS, meta: false, validateSchema: false }).addSchema(schema, ID);
  const validate = ajv.compile(
    part.$ref ? { $ref: `${ID}${part.$ref}` } : { ...part, definitions: schema.definitions },
  );
  compiled.set(JSON.stringify(part), validate);
  return validate;
}

/** The parts of a JSON pointer; positions of lists as numbers. */
function pathOf(pointer: string, value: unknown): Path {
  let at = value;
  return pointer
    .split("/")
    .slice(1)
    .map((text) => {
      const name = text.replaceAll("~1", "/").replaceAll("~0", "~");
      const step = Array.isArray(at) ? Number(name) : name;
      at = (at as Record<string | number, unknown>)[step];
      return step;
    });
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
