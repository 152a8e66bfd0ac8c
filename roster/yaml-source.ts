import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  Pair,
  parseDocument,
} from "yaml";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { BadInputError, show } from "../platform/checks";
import { isFile, writeIfChanged } from "../platform/files";
import { MACHINE_FOLDER } from "./machine";
import type { Path } from "./schema-check";

/** Texts from this length on, in characters, are not parsed again while they are the same: a class of a hundred. */
const LONG = 10_000;

/** What was read of a long file. */
interface Known {
  readonly sha256: string;
  readonly value: unknown;
  /** The places that were asked for, by their paths: they will be again. */
  readonly places: Readonly<Record<string, string>>;
}

/** A YAML file that knows on which line each of its values stands. */
export class YamlSource {
  private readonly lines = new LineCounter();
  private readonly known?: Known;
  private readonly places: Record<string, string> = {};
  private parsed?: Document;

  /** @param name the file's name, for messages */
  constructor(
    readonly name: string,
    private readonly text: string,
  ) {
    this.known = text.length < LONG ? undefined : this.recall();
  }

  /** Where things stand is asked for where they are wrong: of a long file that was read before, seldom. */
  private get document(): Document {
    return (this.parsed ??= parseDocument(this.text, { lineCounter: this.lines, logLevel: "error" }));
  }

  private get sha256(): string {
    return createHash("sha256").update(this.text).digest("hex");
  }

  private get memory(): string {
    return join(MACHINE_FOLDER, "yaml", `${createHash("sha256").update(this.name).digest("hex").slice(0, 16)}.json`);
  }

  private recall(): Known | undefined {
    const known = isFile(this.memory) ? (JSON.parse(readFileSync(this.memory, "utf8")) as Known) : undefined;
    return known?.sha256 === this.sha256 ? known : undefined;
  }

  /** Remembers what was read of a long file in which nothing is wrong. */
  remember(): void {
    if (this.text.length < LONG || this.known) {
      return;
    }
    const value = this.value();
    const known = JSON.stringify({ sha256: this.sha256, value, places: this.places } satisfies Known);
    if (isDeepStrictEqual((JSON.parse(known) as Known).value, value)) {
      mkdirSync(join(MACHINE_FOLDER, "yaml"), { recursive: true });
      writeIfChanged(this.memory, known);
    }
  }

  /** What makes the file no YAML at all. */
  get mistakes(): BadInputError[] {
    if (this.known) {
      return [];
    }
    return this.document.errors.map(
      ({ pos, message }) =>
        new BadInputError(this.place(pos[0]), message.split("\n")[0]!.replace(/ at line \d+.*$/, ".")),
    );
  }

  /** The file's value. @throws BadInputError where it has none that can be had */
  value(): unknown {
    if (this.known) {
      return this.known.value;
    }
    try {
      return this.document.toJS();
    } catch (error) {
      throw new BadInputError(this.name, `it can't be read: ${show((error as Error).message)}.`);
    }
  }

  /** File and line of a value, or of its key; of the nearest thing around it where it is not in the file. */
  at(path: Path, key = false): string {
    const asked = JSON.stringify([path, key]);
    return (this.places[asked] ??= this.known?.places[asked] ?? this.nearest(path, key));
  }

  private nearest(path: Path, key: boolean): string {
    return this.find(path, key) ?? (path.length > 0 ? this.at(path.slice(0, -1)) : this.name);
  }

  /** The same; undefined where the value is not in the file. */
  find(path: Path, key = false): string | undefined {
    const offset = key ? this.keyOffset(path) : this.offset(path);
    return offset === undefined ? undefined : this.place(offset);
  }

  private offset(path: Path): number | undefined {
    if (path.length === 0) {
      return this.document.contents?.range?.[0];
    }
    const node = this.node(path);
    // A mapping stands where its key does; a person looks there.
    return typeof path.at(-1) === "string" ? this.keyOffset(path) : node?.range?.[0];
  }

  private keyOffset(path: Path): number | undefined {
    const parent = this.node(path.slice(0, -1));
    const pair = isMap(parent) ? parent.items.find((item: Pair) => keyText(item) === String(path.at(-1))) : undefined;
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }

  private node(path: Path): ReturnType<typeof this.resolve> {
    let at = this.resolve(this.document.contents);
    for (const step of path) {
      if (!isCollection(at)) {
        return undefined;
      }
      at = this.resolve(isSeq(at) ? at.items[step as number] : at.items.find((item) => keyText(item) === step)?.value);
    }
    return at;
  }

  private resolve(node: unknown) {
    const target = isAlias(node) ? node.resolve(this.document) : node;
    return isNode(target) ? target : undefined;
  }

  private place(offset: number): string {
    return `${this.name}:${this.lines.linePos(offset).line}`;
  }
}

function keyText({ key }: Pair): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}
