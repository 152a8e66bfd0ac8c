import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { AJV_OPTIONS } from "../../roster/schema-check";
import { classSchema, SCHEMA_FILE } from "../../scripts/class-schema";
import schema from "../../roster/class.schema.json";

test("the schema is what its types say (npm run schema writes it)", () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(classSchema());
}, 60_000);

test("the schema is one that ajv takes: a synth does not check it", () => {
  expect(() => new Ajv({ ...AJV_OPTIONS, strict: true }).compile(schema)).not.toThrow();
});

test("a service's options are those of its construct, with their explanations", () => {
  expect(schema.definitions.SparkOptions.properties.driverMemoryMiB).toEqual({
    type: "number",
    description: "Heap of each Spark driver (a job, a `pyspark`, a notebook), in MiB. Default: 512.",
  });
  expect(schema.definitions.DropletOptions.properties.region.enum).toContain("fra1");
});
