import {
  DefaultTokenResolver,
  StringConcat,
  TerraformElement,
  TerraformOutput,
  TerraformStack,
  Tokenization,
} from "cdktf";
import { deepMerge } from "cdktf/lib/util";
import type { IConstruct } from "constructs";

type Json = Record<string, unknown>;

/** What cdktf keeps to itself. */
interface Inner {
  readonly rawOverrides: Json;
  readonly cdktfVersion: string;
}

/**
 * A stack whose synth is what cdktf's own would be, for half the work: of a lab's values hardly one in twenty has a
 * token in it, and cdktf looks for them twice, in each with a new context. test/stacks/lean-stack.test.ts compares both.
 */
export abstract class LeanStack extends TerraformStack {
  /**
   * Resolves all of the stack to find references to other stacks, a third of a synth's time. A lab's stack has none:
   * it meets its droplet's in a folder, see docs/decisions/0007-droplet-and-lab-stacks.md.
   */
  override prepareStack(): void {}

  /** As TerraformStack's. */
  override toTerraform(): Json {
    const { rawOverrides, cdktfVersion } = this as unknown as Inner;
    const elements = elementsIn(this);
    const metadata: Json = {
      version: cdktfVersion,
      stackName: this.node.id,
      backend: "local",
      ...(Object.keys(rawOverrides).length > 0 ? { overrides: { stack: Object.keys(rawOverrides) } } : {}),
    };
    for (const element of elements) {
      deepMerge(metadata, resolved(this, element.toMetadata()));
    }
    const outputs: Json = {};
    elements
      .filter((element) => TerraformOutput.isTerraformOutput(element))
      .forEach((output) => {
        const path = output.node.path.split("/");
        const leaf: Json = { [path.pop()!]: output.friendlyUniqueId };
        deepMerge(
          outputs,
          path.reduceRight<Json>((inner, part) => ({ [part]: inner }), leaf),
        );
      });
    const stack: Json = { "//": { metadata, outputs } };
    for (const element of elements) {
      deepMerge(stack, resolved(this, element.toTerraform()));
    }
    deepMerge(stack, rawOverrides);
    return isResolved(rawOverrides) ? stack : (resolved(this, stack) as Json);
  }
}

function elementsIn(construct: IConstruct, into: TerraformElement[] = []): TerraformElement[] {
  if (TerraformElement.isTerraformElement(construct)) {
    into.push(construct);
  }
  construct.node.children.filter((child) => !TerraformStack.isStack(child)).forEach((child) => elementsIn(child, into));
  return into;
}

const RESOLVER = new DefaultTokenResolver(new StringConcat());

/** A token in a string, a list's or a map's; or what may be a number's: cdktf has numbers as tokens, such as -1.8e+289. */
const MAYBE_TOKEN = /\{TfToken\[|[-|\d.+]e[-|\d.eE+]| Map Token Value$/;

/** Beyond it may be a number's token, and just below it the map's. */
const PLAIN_NUMBER = 123_456_788;

/** Whether a string or a number may be, or have in it, a token. */
function isUnclear(value: unknown): boolean {
  return (
    (typeof value === "string" && MAYBE_TOKEN.test(value)) ||
    (typeof value === "number" && !(Math.abs(value) <= PLAIN_NUMBER))
  );
}

/** A value with its tokens resolved and without what is undefined; cdktf is asked for what may be or hold a token. */
function resolved(scope: IConstruct, value: unknown): unknown {
  if (Array.isArray(value)) {
    return listOf(scope, value);
  }
  if (typeof value === "object" && value !== null) {
    return objectOf(scope, value);
  }
  return typeof value === "function" || isUnclear(value) ? byCdktf(scope, value) : value;
}

/** A list that is a token has it as an element: cdktf is asked for all of it. */
function listOf(scope: IConstruct, list: readonly unknown[]): unknown {
  return list.some(isUnclear)
    ? byCdktf(scope, list)
    : list.map((one) => resolved(scope, one)).filter((one) => one !== undefined);
}

/** So has a map that is one, as a key. */
function isPlain(object: object): object is Json {
  return (
    Object.getPrototypeOf(object) === Object.prototype && !("resolve" in object) && !Object.keys(object).some(isUnclear)
  );
}

function objectOf(scope: IConstruct, object: object): unknown {
  if (!isPlain(object)) {
    return byCdktf(scope, object);
  }
  const result: Json = {};
  for (const key of Object.keys(object)) {
    const value = resolved(scope, object[key]);
    if (value !== undefined) {
      result[key] = value;
    }
  }
  return result;
}

/** Whether nothing is left to resolve in a value. */
function isResolved(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.every(isResolved);
  }
  if (typeof value === "object" && value !== null) {
    return isPlain(value) && Object.values(value).every(isResolved);
  }
  return value !== undefined && typeof value !== "function" && !isUnclear(value);
}

function byCdktf(scope: IConstruct, value: unknown): unknown {
  return Tokenization.resolve(value, { scope, preparing: false, resolver: RESOLVER }) as unknown;
}
