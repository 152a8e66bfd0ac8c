import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  errorsOf,
  runTerraform,
  TerraformFailed,
  TerraformInterrupted,
  TerraformRun,
} from "../../platform/terraform-run";

// Terraform's own resource: neither a provider nor a registry is asked for anything.
const hasTerraform = spawnSync("terraform", ["version"]).status === 0;
// It takes its time on a busy machine: each test runs it several times.
jest.setTimeout(60_000);
const withTerraform = hasTerraform ? describe : describe.skip;

test("Terraform's errors are the last that it says", () => {
  const output = "Warning: old\n\nPlan: 1 to add\n\nError: provisioner\n\n  with one,\n\nexit status 3\n\nError: two\n";
  expect(errorsOf(output)).toBe("Error: provisioner\n\n  with one,\n\nexit status 3\n\nError: two");
  expect(errorsOf("Apply complete!\n")).toBe("");
});

withTerraform("a stack", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "terraform-run-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const lines: string[] = [];

  /** A stack whose resources run these commands. */
  function write(commands: Readonly<Record<string, string>>): void {
    const data = Object.entries(commands).map(([name, command]) => [
      name,
      { triggers_replace: command, provisioner: { "local-exec": { command } } },
    ]);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "cdk.tf.json"),
      JSON.stringify({ resource: { terraform_data: Object.fromEntries(data) as unknown } }),
    );
  }

  function run(verb: TerraformRun["verb"], more: Partial<TerraformRun> = {}): Promise<void> {
    lines.length = 0;
    const log = join(folder, "logs", "run.log");
    return runTerraform({ folder, verb, log, onLine: (line) => lines.push(line), ...more });
  }

  function resources(): string[] {
    const state = JSON.parse(readFileSync(join(folder, "terraform.tfstate"), "utf8")) as {
      resources: { name: string; instances: { status?: string }[] }[];
    };
    return state.resources.filter(({ instances }) => !instances[0]?.status).map(({ name }) => name);
  }

  const text = (): string => lines.join("\n");

  test("is brought up with its output line by line, initialized once, and taken away", async () => {
    write({ one: "echo from the step; printf 'ümläut'" });
    await run("apply");
    expect(text()).toContain("Terraform has been successfully initialized");
    expect(lines).toContain("terraform_data.one (local-exec): from the step");
    expect(lines).toContain("terraform_data.one (local-exec): ümläut");
    await run("apply");
    expect(text()).not.toContain("initialized");
    expect(text()).toContain("No changes.");
    await run("destroy");
    expect(text()).toContain("Destroy complete! Resources: 1 destroyed.");
    expect(readFileSync(join(folder, "logs", "run.log"), "utf8")).toContain("Apply complete!");
  });

  test("is initialized again where its providers or its backend changed, or what was there is gone", async () => {
    write({ one: "true" });
    await run("apply");
    rmSync(join(folder, ".terraform"), { recursive: true });
    await run("apply");
    expect(text()).toContain("initialized");
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ terraform: { required_version: ">= 1.2" } }));
    await run("apply");
    expect(text()).toContain("initialized");
    expect(text()).toContain("1 destroyed");
  });

  test("that fails is told by Terraform's own errors", async () => {
    write({ bad: "echo what went wrong >&2; exit 3" });
    await expect(run("apply")).rejects.toThrow(TerraformFailed);
    await expect(run("apply")).rejects.toThrow(/Error: local-exec provisioner error[^]*what went wrong/);
  });

  test("that is interrupted ends in order: what was done is in its state", async () => {
    write({ quick: "true", slow: "sleep 60" });
    const abort = new AbortController();
    const ended = run("apply", {
      signal: abort.signal,
      onLine: (line) => {
        lines.push(line);
        if (line.startsWith("terraform_data.quick: Creation complete")) {
          setTimeout(() => abort.abort(), 100);
        }
      },
    });
    await expect(ended).rejects.toThrow(TerraformInterrupted);
    expect(resources()).toEqual(["quick"]);
    expect(existsSync(join(folder, ".terraform.tfstate.lock.info"))).toBe(false);
  });

  test("that takes too long is ended the same way, and says so", async () => {
    write({ slow: "sleep 60" });
    await run("apply", { timeoutSeconds: 1 }).then(
      () => Promise.reject(new Error("it was not ended")),
      (error: Error) => expect(error.message).toMatch(/^terraform (init|apply) was not done after 1 s$/),
    );
  });

  test("can't be run without Terraform, and says so", async () => {
    write({});
    const before = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      await expect(run("apply")).rejects.toThrow(/terraform can't be run: .*ENOENT/);
    } finally {
      process.env.PATH = before;
    }
  });
});
