import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentHash, lockedVersion } from "../../platform/image";

function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), "image-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

test("the hash is that of the content, wherever it lies", () => {
  const files = { Dockerfile: "FROM x", "bin/start": "echo" };
  expect(contentHash(folder(files), {})).toBe(contentHash(folder(files), {}));
});

test.each([
  ["another content", { Dockerfile: "FROM y", "bin/start": "echo" }, {}],
  ["another name", { Dockerfile: "FROM x", "bin/begin": "echo" }, {}],
  ["content that moved between files", { Dockerfile: "FROM xecho", "bin/start": "" }, {}],
  ["another base", { Dockerfile: "FROM x", "bin/start": "echo" }, { BASE: "z" }],
])("%s is another hash", (_name, files, buildArgs) => {
  const original = folder({ Dockerfile: "FROM x", "bin/start": "echo" });
  expect(contentHash(folder(files as unknown as Record<string, string>), buildArgs as Record<string, string>)).not.toBe(
    contentHash(original, {}),
  );
});

test("a file that became executable is another hash", () => {
  const [before, after] = [folder({ start: "echo" }), folder({ start: "echo" })];
  chmodSync(join(after, "start"), 0o755);
  expect(contentHash(after, {})).not.toBe(contentHash(before, {}));
});

test("versions are read from the lock files", () => {
  expect(lockedVersion("zookeeper", "org.apache.zookeeper:zookeeper")).toMatch(/^3\.8\.\d+$/);
  expect(() => lockedVersion("zookeeper", "no:such")).toThrow(/images\/zookeeper: no lock file names "no:such"/);
});
