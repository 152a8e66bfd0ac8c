import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labLinks, labOutputs } from "../../scripts/setup/links.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "links-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("the links of a lab carry its token, and only to the pages that ask for it", () => {
  const folder = join(root, "labs", "ann");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "jupyter-token"), "secret\n");
  const urls = {
    JupyterLab: "http://127.0.0.1:8888",
    "the game API": "http://127.0.0.1:5000",
    "the front page": "http://127.0.0.1:8000",
  };
  writeFileSync(join(folder, "terraform.tfstate"), JSON.stringify({ outputs: { urls: { value: urls } } }));
  expect(labLinks("ann", root)).toEqual({
    "the front page": "http://127.0.0.1:8000/?token=secret",
    JupyterLab: "http://127.0.0.1:8888/lab?token=secret",
  });
});

test("a state that was moved to a bucket is not looked for in the file that was left here", () => {
  const folder = join(root, "labs", "ann");
  const stack = join(root, "cdktf.out", "stacks", "ann");
  mkdirSync(folder, { recursive: true });
  mkdirSync(stack, { recursive: true });
  const outputs = { urls: { value: { "the front page": "http://127.0.0.1:8000" } } };
  writeFileSync(join(folder, "terraform.tfstate"), JSON.stringify({ outputs }));
  const backend = (value: object): void =>
    writeFileSync(join(stack, "cdk.tf.json"), JSON.stringify({ terraform: { backend: value } }));
  backend({ local: { path: "../../../labs/ann/terraform.tfstate" } });
  expect(labOutputs("ann", root)).toEqual(outputs);
  // Terraform has not been in the folder, so it knows of no outputs.
  backend({ s3: { bucket: "states" } });
  expect(() => labLinks("ann", root)).toThrow(/no lab "ann"/);
});

test("a lab that was never deployed is refused, with what to do", () => {
  expect(() => labLinks("bob", root)).toThrow(/no lab "bob"/);
});
