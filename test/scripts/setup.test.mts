import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { providerFolder, providerVersion } from "../../scripts/setup/docker-provider.mjs";
import { withLock } from "../../scripts/setup/lock.mjs";
import { checkNode, checkRegistry } from "../../scripts/setup/npm-packages.mjs";
import { ask, has, lastLines, work } from "../../scripts/setup/run.mjs";
import { runSteps } from "../../scripts/setup/steps.mjs";
import { parseVersion } from "../../scripts/setup/terraform.mjs";

const folder = mkdtempSync(join(tmpdir(), "setup-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("steps", () => {
  const output = async (...steps: Parameters<typeof runSteps>[0]): Promise<string> => {
    let text = "";
    const add = (more: string): void => {
      text += more;
    };
    await runSteps(steps, add).catch((error: Error) => add(`! ${error.message}`));
    return text;
  };

  test("one line for what is there already, more for what is done", async () => {
    const there = { name: "npm packages", run: () => "there already" };
    const made = {
      name: "engine",
      run: (say: (line: string) => void) => {
        say("starting it");
        return Promise.resolve("started");
      },
    };
    expect(await output(there, made)).toBe(
      "1/2 npm packages ... there already\n2/2 engine ...\n    starting it\n    started\n",
    );
  });

  test("a step that fails is the last", async () => {
    const fails = {
      name: "engine",
      run: () => {
        throw new Error("no engine");
      },
    };
    expect(await output(fails, { name: "next", run: () => "" })).toBe("1/2 engine ... failed\n! no engine");
  });
});

describe("the lock", () => {
  const file = join(folder, "lock");

  test("the second waits for the first", async () => {
    const order: string[] = [];
    let finish = (): void => undefined;
    const first = withLock(
      () => undefined,
      () =>
        new Promise<void>((resolve) => {
          finish = () => {
            order.push("first");
            resolve();
          };
        }),
      file,
    );
    const said: string[] = [];
    const second = withLock(
      (line) => said.push(line),
      () => order.push("second"),
      file,
    );
    finish();
    await Promise.all([first, second]);
    expect(order).toEqual(["first", "second"]);
    expect(said).toEqual([`another set-up (process ${process.pid}) is at work; waiting for it`]);
    expect(existsSync(file)).toBe(false);
  });

  test("a dead process holds nothing", async () => {
    // Above the largest number that Linux gives a process.
    writeFileSync(file, "4194305");
    expect(await withLock(fail, () => "done", file)).toBe("done");
  });

  test("a step that fails gives it back", async () => {
    const step = (): Promise<void> => Promise.reject(new Error("no"));
    await expect(withLock(fail, step, file)).rejects.toThrow("no");
    expect(existsSync(file)).toBe(false);
  });

  function fail(line: string): void {
    throw new Error(line);
  }
});

describe("commands", () => {
  test("an answer, a failure, a missing command, a late one", () => {
    expect(ask("echo", ["a b"])).toEqual({ ok: true, missing: false, stdout: "a b", stderr: "" });
    expect(ask("sh", ["-c", "echo why >&2; exit 3"])).toEqual({ ok: false, missing: false, stdout: "", stderr: "why" });
    expect(ask("no-such-command", [])).toMatchObject({ ok: false, missing: true });
    expect(ask("sleep", ["5"], { timeoutSeconds: 0.1 })).toMatchObject({
      ok: false,
      stderr: expect.stringMatching(/within 0.1 s/) as string,
    });
    expect(has("sh")).toBe(true);
    expect(has("no-such-command")).toBe(false);
  });

  test("the refusal of failed work has the end of its log", () => {
    expect(() => work("test", "sh", ["-c", "seq 100; exit 3"])).toThrow(
      /failed \(exit code 3\).*log:\n  89\n.*\n  100$/s,
    );
    expect(() => work("test", "no-such-command", [])).toThrow(/is not installed/);
    expect(() => work("test", "sleep", ["5"], { timeoutSeconds: 0.1 })).toThrow(/was not done after 0.1 s/);
  });

  test("the last lines of a text that say something", () => {
    expect(lastLines("a\n10%\r90%\n\nb\n", 2)).toBe("  90%\n  b");
  });
});

describe("versions", () => {
  test("Terraform's, after its warnings", () => {
    const output = 'Warning: no file\n{"terraform_version": "1.11.4", "platform": "linux_arm64"}';
    expect(parseVersion(output)).toEqual({ version: "1.11.4", platform: "linux_arm64" });
  });

  test.each(["1.4.7", "0.15.5"])("Terraform %s is too old", (version) => {
    const output = JSON.stringify({ terraform_version: version, platform: "linux_amd64" });
    expect(() => parseVersion(output)).toThrow(`Terraform ${version} is too old.\nInstall Terraform 1.5.0 or newer.`);
  });

  test("Node.js before 20 and Windows itself are refused", () => {
    expect(() => checkNode("18.19.0", "linux")).toThrow(/Node\.js 18\.19\.0 is too old/);
    expect(() => checkNode("22.0.0", "win32")).toThrow(/WSL 2/);
    expect(() => checkNode("20.11.1", "darwin")).not.toThrow();
  });

  test("a registry out of reach is said at once; one that knows no ping is tried", () => {
    const answer = (stderr: string): Parameters<typeof checkRegistry>[0] => ({
      ok: false,
      missing: false,
      stdout: "",
      stderr,
    });
    expect(() => checkRegistry(answer("npm error code EAI_AGAIN"))).toThrow(/EAI_AGAIN.*no network/);
    expect(() => checkRegistry(answer("npm error 404 Not Found - GET /-/ping"))).not.toThrow();
  });

  test("the docker provider lies where Terraform looks for its version", () => {
    const folder = providerFolder(providerVersion(), "linux_arm64", "plugins");
    expect(folder).toMatch(/^plugins\/.*kreuzwerker\/docker\/\d+\.\d+\.\d+\/linux_arm64$/);
  });
});
