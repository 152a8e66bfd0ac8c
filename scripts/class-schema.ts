import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGenerator } from "ts-json-schema-generator";
import { LAB_ID } from "../platform/checks";
import { DROPLET_SIZES, REGIONS } from "../platform/droplet-sizes";
import { REPOSITORY } from "../platform/repository";

/** The schema of class files: for editors, and for the check when one is read. */
export const SCHEMA_FILE = join(REPOSITORY, "roster/class.schema.json");

/** The parts of a JSON schema that are walked through. */
interface Schema {
  default?: unknown;
  description?: string;
  enum?: readonly unknown[];
  pattern?: string;
  items?: Schema;
  anyOf?: Schema[];
  additionalProperties?: Schema | boolean;
  properties?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
}

/** Makes the schema from the types in roster/definition.ts and from the options of the constructs that they name. */
export function classSchema(): string {
  const schema = createGenerator({
    path: join(REPOSITORY, "roster/definition.ts"),
    tsconfig: join(REPOSITORY, "tsconfig.json"),
    type: "ClassDefinition",
    // `npm test` has the compiler check them already.
    skipTypeCheck: true,
  }).createSchema("ClassDefinition") as Schema;
  explainDefaults(schema);
  const { DropletOptions, StudentDefinition } = schema.definitions!;
  DropletOptions!.properties!.region!.enum = REGIONS;
  DropletOptions!.properties!.size!.enum = Object.keys(DROPLET_SIZES);
  StudentDefinition!.properties!.id!.pattern = LAB_ID.source;
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** Editors show a default only when it is in the description, and many of ours are words. */
function explainDefaults(schema: Schema): void {
  if (schema.default !== undefined) {
    const words =
      typeof schema.default === "string" ? schema.default.replace(/^- /, "") : JSON.stringify(schema.default);
    schema.description = `${schema.description ?? ""} Default: ${words}.`.trim();
    delete schema.default;
  }
  const parts = [schema.properties, schema.definitions].flatMap((part) => Object.values(part ?? {}));
  const more = [schema.items, schema.additionalProperties].filter((part) => typeof part === "object");
  [...parts, ...more, ...(schema.anyOf ?? [])].forEach(explainDefaults);
}

if (require.main === module) {
  writeFileSync(SCHEMA_FILE, classSchema());
}
