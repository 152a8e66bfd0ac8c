import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BadInputError, checkLabId, collectMistakes, nearest, show } from "../platform/checks";
import { isFile, shortPath } from "../platform/files";
import type { DropletOptions } from "../stacks/droplet-options";
import type { ServicesOptions } from "../stacks/lab-stack";
import type { LabClass, LabEntry } from "./class-file";
import type { ClassDefinition, LabDefinition, StudentDefinition } from "./definition";
import { checkTimeZone, Expiry, parseExpiry } from "./expiry";
import { LabSource } from "./lab-source";
import { parseRoster } from "./roster-file";
import { Path, schemaMistakes } from "./schema-check";
import { checkState } from "./state";
import { parseTarget, Target } from "./target";
import type { YamlSource } from "./yaml-source";

/** Somebody of the class, wherever they stand. */
type Member = Pick<StudentDefinition, "id" | "name" | "email"> & {
  readonly where: string;
  readonly own: LabDefinition;
  /** Their part of the class file. */
  readonly path?: Path;
};

/** A part of the class file that is one student's. */
interface OwnPart {
  readonly path: Path;
  readonly own: LabDefinition;
}

/** Reads a class file, and goes on after a mistake, so that all of them are found. */
export class ClassReader {
  readonly mistakes: BadInputError[] = [];
  private definition: ClassDefinition = {};
  private timeZone = "UTC";

  /** @param folder the class file's */
  constructor(
    private readonly source: YamlSource,
    private readonly folder: string,
  ) {}

  /** The class, without what is wrong. */
  read(): LabClass {
    this.mistakes.push(...this.source.mistakes);
    if (this.mistakes.length > 0) {
      return { name: "class", labs: [] };
    }
    const value = withoutNulls(this.attempt(() => this.source.value()) ?? {});
    const bad = schemaMistakes(value);
    bad.forEach(({ path, key, problem }) => this.refuse(this.source.at(path, key), problem));
    this.definition = without(
      value,
      bad.map(({ path }) => path),
    ) as ClassDefinition;
    const result = this.readClass();
    if (this.mistakes.length === 0) {
      this.source.remember();
    }
    return result;
  }

  private refuse(where: string, problem: string): void {
    this.mistakes.push(new BadInputError(where, problem));
  }

  /** What some work gives; undefined when it refuses something. */
  private attempt<T>(work: () => T, locate = (mistake: BadInputError) => mistake): T | undefined {
    const { result, mistakes } = collectMistakes(work);
    this.mistakes.push(...mistakes.map(locate));
    return result;
  }

  private readClass(): LabClass {
    const { source } = this;
    const { name, budget, timeZone = "UTC", defaults = {}, ...definition } = this.definition;
    if (name !== undefined && !/^[A-Za-z0-9_-]{1,100}$/.test(name)) {
      this.refuse(source.at(["name"]), `name is ${show(name)}; allowed are 1 to 100 letters, digits, - and _.`);
    }
    if (budget?.amount !== undefined && !(budget.amount > 0 && budget.amount < 1e9)) {
      this.refuse(source.at(["budget", "amount"]), `amount is ${budget.amount}; allowed is a number above 0.`);
    }
    this.timeZone = this.attempt(() => checkTimeZone(source.at(["timeZone"]), timeZone)) ?? "UTC";
    const state =
      definition.state?.s3?.bucket === undefined
        ? undefined
        : this.attempt(() => checkState(source, definition.state!.s3, name ?? "class"));
    const expires = this.expiry(["expires"], definition.expires);
    const wide = new LabSource(source, source.at(["target"]), []);
    const target = this.attempt(
      () => parseTarget(wide.where, definition.target),
      (one) => wide.locate(one),
    );
    const labs = this.members().map((member): LabEntry => {
      const parts = this.ownParts(member);
      const place = new LabSource(
        source,
        member.where,
        parts.map(({ path }) => path),
      );
      const ownTarget = this.target(parts, place, target);
      const options = ownTarget?.kind === "digitalocean" ? ownTarget.options : undefined;
      const ends = this.ownExpiry(parts, options) ?? expires;
      return {
        id: member.id,
        services: parts.reduceRight<ServicesOptions>((over, { own }) => merge(over, own.services), defaults),
        target: options ? { kind: "digitalocean", options: dropletOptions(member.id, name, ends, options) } : ownTarget,
        ...(ends && { expires: ends }),
        ...(state && { state }),
        ...(member.name && { name: member.name }),
        ...(member.email && { email: member.email }),
        source: place,
      };
    });
    return { name: name ?? "class", labs, ...(budget && { budget }) };
  }

  private expiry(path: Path, text?: string): Expiry | undefined {
    return text === undefined ? undefined : this.attempt(() => parseExpiry(this.source.at(path), text, this.timeZone));
  }

  /** The parts of the class file that are a student's own, those that count most first. */
  private ownParts({ id, own, path }: Member): OwnPart[] {
    const { overrides = {} } = this.definition;
    return [
      ...(Object.hasOwn(overrides, id) ? [{ path: ["overrides", id], own: overrides[id]! }] : []),
      ...(path ? [{ path, own }] : []),
    ];
  }

  private target(parts: readonly OwnPart[], place: LabSource, classWide: Target): Target {
    return parts.reduceRight<Target>((over, { own }) => {
      const { target } = own;
      return target === undefined
        ? over
        : this.attempt(
            () => parseTarget(place.where, target, over),
            (one) => place.locate(one),
          );
    }, classWide);
  }

  private ownExpiry(parts: readonly OwnPart[], droplet?: DropletOptions): Expiry | undefined {
    const own = parts.map((part) => this.expiry([...part.path, "expires"], part.own.expires)).find(Boolean);
    const day = droplet?.expires;
    // A wrong day of a droplet's is refused with its other options.
    return own ?? (day ? collectMistakes(() => parseExpiry("", day, this.timeZone)).result : undefined);
  }

  private members(): Member[] {
    const { students, roster, overrides = {} } = this.definition;
    if (!students?.length && roster === undefined) {
      const missing = "students is missing or empty; allowed is a list of at least one, or a roster";
      this.refuse(this.source.at(["students"]), `${missing}.`);
    }
    const ids = new Map<string, string>();
    const members = [...this.roster(), ...this.listed()].filter(({ id, where }) => {
      const before = ids.get(id);
      if (before) {
        this.refuse(where, `the id ${show(id)} is taken already, at ${before}.`);
        return false;
      }
      ids.set(id, where);
      return true;
    });
    for (const id of Object.keys(overrides)) {
      // Else a typing mistake would leave a student without what is meant for them.
      if (!ids.has(id)) {
        const near = nearest(id, [...ids.keys()]);
        const hint = near ? ` Did you mean ${show(near)}?` : "";
        this.refuse(this.source.at(["overrides", id], true), `there is no student ${show(id)} in the class.${hint}`);
      }
    }
    return members;
  }

  private listed(): Member[] {
    return (this.definition.students ?? []).flatMap((student: StudentDefinition | undefined, index): Member[] => {
      const path = ["students", index];
      const where = this.source.at(path);
      // The schema has refused those that are empty here.
      const { id, name, email, ...own } = student ?? { id: undefined };
      return id !== undefined && this.attempt(() => (checkLabId(where, id), true))
        ? [{ id, name, email, own, where, path }]
        : [];
    });
  }

  private roster(): Member[] {
    const { roster } = this.definition;
    const { file, ...settings } = typeof roster === "string" ? { file: roster } : (roster ?? {});
    if (file === undefined) {
      return [];
    }
    const path = resolve(this.folder, file);
    if (!isFile(path)) {
      const allowed = "allowed is a CSV file, seen from the class file's folder";
      this.refuse(this.source.at(["roster"]), `there is no roster ${show(file)}; ${allowed}.`);
      return [];
    }
    const { students, mistakes } = parseRoster(shortPath(path), readFileSync(path), settings, {
      text: `roster: { file: ${file}, ids: { ... } } in ${this.source.name}`,
      at: (key) => this.source.at(["roster", "ids", key], true),
    });
    this.mistakes.push(...mistakes);
    return students.map(({ id, name, email, where }) => ({ id, name, email, where, own: {} }));
  }
}

/** A droplet's options with what the class says of all. */
function dropletOptions(
  id: string,
  className: string | undefined,
  ends: Expiry | undefined,
  own: DropletOptions,
): DropletOptions {
  const files = own.studentKeyFiles?.map((file) => file.replaceAll("{id}", id));
  return {
    ...(className && { className }),
    ...(ends && { expires: ends.day }),
    ...own,
    ...(files && { studentKeyFiles: files }),
  };
}

/** A student's options over the class's, service by service. */
function merge(defaults: ServicesOptions, own: ServicesOptions = {}): ServicesOptions {
  const names = [...new Set([...Object.keys(defaults), ...Object.keys(own)])] as (keyof ServicesOptions)[];
  return Object.fromEntries(names.map((name) => [name, { ...defaults[name], ...own[name] }]));
}

/** A key without a value is as if it were not there; under `digitalocean` it means that no option is set. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNulls);
  }
  if (typeof value !== "object" || value === null || value instanceof Date) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]): [string, unknown][] =>
      one === null || one === undefined ? (key === "digitalocean" ? [[key, {}]] : []) : [[key, withoutNulls(one)]],
    ),
  );
}

/** A value without those of its parts that are wrong; in a list their places stay. */
function without(value: unknown, paths: readonly Path[]): unknown {
  const copy = structuredClone(value);
  if (paths.some((path) => path.length === 0)) {
    return {};
  }
  for (const path of paths) {
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((at, step) => (at as Record<string | number, unknown> | undefined)?.[step], copy);
    if (typeof parent === "object" && parent !== null) {
      delete (parent as Record<string | number, unknown>)[path.at(-1)!];
    }
  }
  return copy;
}
