import { App, Fn, Lazy, TerraformOutput, TerraformStack, TerraformVariable, Token } from "cdktf";
import { DataResource } from "cdktf/lib/terraform-data-resource";
import fc from "fast-check";
import { parseClass } from "../../roster/class-file";
import { LeanStack } from "../../stacks/lean-stack";
import { studentStacks } from "../../stacks/student-stacks";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

class Stack extends LeanStack {}

const folder = mkdtempSync(join(tmpdir(), "lean-stack-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What cdktf itself makes of the stack. */
function byCdktf(stack: TerraformStack): unknown {
  return TerraformStack.prototype.toTerraform.call(stack);
}

function expectSame(stack: TerraformStack): void {
  // As text: the order of keys, too.
  expect(JSON.stringify(stack.toTerraform(), undefined, 1)).toBe(JSON.stringify(byCdktf(stack), undefined, 1));
}

test("labs here and elsewhere, and droplets, are what cdktf makes of them", () => {
  const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;
  writeFileSync(join(folder, "key.pub"), `${key}\n`);
  const { labs } = parseClass(
    "class.yaml",
    [
      "students:",
      "  - { id: ann, services: { spark: { environment: { A: 1e5, B: '${HOME}', C: '-1.8e+289' } } } }".replace(
        "1e5",
        "'1e5'",
      ),
      `  - { id: ben, target: { host: 'ssh://b@192.0.2.1', hostKey: '${key}' } }`,
      `  - { id: eve, target: { digitalocean: { operatorKeyFile: ${join(folder, "key.pub")}, dataVolumeGiB: 50 } } }`,
    ].join("\n"),
  );
  const app = new App({ skipValidation: true });
  const stacks = labs
    .map((entry) => studentStacks(app, entry, { baseImage: "base", pinSecret: "0".repeat(64) }))
    .flatMap(({ labStack, dropletStack }) => [labStack, ...(dropletStack ? [dropletStack] : [])]);
  expect(stacks).toHaveLength(4);
  stacks.forEach(expectSame);
});

test("tokens of every kind, in values, keys, lists and overrides", () => {
  const stack = new Stack(new App({ skipValidation: true }), "tokens");
  const variable = new TerraformVariable(stack, "variable", { type: "any" });
  const data = new DataResource(stack, "data", {
    input: {
      text: `a ${variable.stringValue} b \${c}`,
      number: variable.numberValue,
      inText: `port ${variable.numberValue}`,
      list: Token.asList(variable.value),
      numbers: Token.asNumberList(variable.value),
      map: Token.asStringMap(variable.value),
      lazy: Lazy.anyValue({ produce: () => ({ deep: [variable.stringValue, undefined, null] }) }),
      fn: Fn.join(",", ["a", variable.stringValue]),
      [`key ${variable.stringValue}`]: 1,
      gone: undefined,
      empty: [{}, [], undefined],
      big: [2 ** 53, -123_456_789 + 1, 1e300, Number.MIN_SAFE_INTEGER],
    },
    triggersReplace: { a: variable.stringValue, b: [[variable.listValue]] },
  });
  new TerraformOutput(stack, "output", { value: data.output, staticId: true });
  stack.addOverride("terraform.required_version", ">= 1.5.0");
  stack.addOverride("locals.one", variable.stringValue);
  data.addOverride("lifecycle.ignore_changes", ["input"]);
  expectSame(stack);
});

test("values of any kind", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), (input) => {
      const stack = new Stack(new App({ skipValidation: true }), "any");
      new DataResource(stack, "data", { input });
      expectSame(stack);
    }),
  );
});
