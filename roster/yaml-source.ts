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
import { BadInputError, show } from "../platform/checks";
import type { Path } from "./schema-check";

/** A YAML file that knows on which line each of its values stands. */
export class YamlSource {
  private readonly lines = new LineCounter();
  private readonly document: Document;

  /** @param name the file's name, for messages */
  constructor(
    readonly name: string,
    text: string,
  ) {
    this.document = parseDocument(text, { lineCounter: this.lines, logLevel: "error" });
  }

  /** What makes the file no YAML at all. */
  get mistakes(): BadInputError[] {
    return this.document.errors.map(
      ({ pos, message }) =>
        new BadInputError(this.place(pos[0]), message.split("\n")[0]!.replace(/ at line \d+.*$/, ".")),
    );
  }

  /** The file's value. @throws BadInputError where it has none that can be had */
  value(): unknown {
    try {
      return this.document.toJS();
    } catch (error) {
      throw new BadInputError(this.name, `it can't be read: ${show((error as Error).message)}.`);
    }
  }

  /** File and line of a value, or of its key; of the nearest thing around it where it is not in the file. */
  at(path: Path, key = false): string {
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
