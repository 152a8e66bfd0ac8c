import { App } from "cdktf";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { MACHINE_FOLDER } from "../../roster/machine";
import { writeLabFolder } from "../../stacks/lab-folder";
import { LabStack } from "../../stacks/lab-stack";
import { provideProviders } from "../../stacks/stack-folder";
import { HOST } from "../support/synth";

// `npm test` brings the provider to this machine wherever it can, and says so where it can't.
const testWithProvider = existsSync(join(MACHINE_FOLDER, "plugins")) ? test : test.skip;

describe("Terraform with the real provider", () => {
  const outdir = mkdtempSync(join(tmpdir(), "validate-"));
  // Terraform reads files of the lab's folder even to validate; this lab is no student's.
  const id = "validated-by-a-test";
  afterAll(() => {
    rmSync(outdir, { recursive: true });
    rmSync(labFolder(id), { recursive: true, force: true });
  });

  const terraform = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("terraform", [...args, "-no-color"], {
      cwd: join(outdir, "stacks", id),
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    });
    return { status, output: stdout + stderr };
  };

  testWithProvider(
    "accepts the stack of a lab",
    () => {
      const app = new App({ outdir });
      const { lab } = new LabStack(app, id, { host: HOST });
      app.synth();
      writeLabFolder(lab);
      provideProviders(outdir, id);
      expect(terraform("init", "-backend=false")).toMatchObject({ status: 0 });
      expect(terraform("validate")).toMatchObject({
        status: 0,
        output: expect.stringContaining("The configuration is valid") as string,
      });
    },
    60_000,
  );
});
