import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { archiveName, BadArchive, isArchiveName, readArchive } from "../../../scripts/class/archive";
import { REPOSITORY } from "../../../platform/repository";

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "archive-test-"));
const file = join(folder, "data-a-20261124T101112Z.tar.gz");
afterAll(() => rmSync(folder, { recursive: true }));

/** An archive by the lab's own writer; `more` are statements that write into it. */
function write(more = "", finish = "w.finish(facts)"): Buffer {
  const script = `
import io, sys
sys.path[:0] = ["jobs/save"]
from archive import Writer
w = Writer(sys.stdout.buffer)
facts = {"lab": "data-a", "taken": "2026-11-24T10:11:12Z", "versions": {"Kafka": "3.9.1"}, "leftOut": []}
part = w.part("hdfs")
w.folder("hdfs/tmp", 0o1777, 1795516730, ("science", "supergroup"))
w.file("hdfs/tmp/p", io.BytesIO(b"PAR1" * 5000), 20000, mode=0o644, mtime=1795516730, names=("science", "supergroup"))
w.file("hdfs/tmp/" + "deep/" * 40 + "empty", io.BytesIO(b""), 0, names=("ä%", "x"))
w.part("kafka").count(events=2)
w.text("kafka/topics.json", b"{}")
w.text("kafka/events/0/00000000000000000000.jsonl", '{"offset":0,"value":"schön"}\\n{"offset":1}\\n'.encode())
w.part("metastore")
w.text("metastore/databases.json", b"[]")
w.part("w205")
w.file(b"w205/a \\xff\\n%2e%2e\\\\.py", io.BytesIO(b"x"), 1, mode=0o755)
w.link("w205/link", "../outside/ä", 3)
${more}
${finish}
`;
  const python = join(REPOSITORY, ".venv", "bin", "python");
  return execFileSync(python, ["-c", script], {
    cwd: REPOSITORY,
    maxBuffer: 1 << 26,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
}

async function read(content: Buffer): Promise<unknown> {
  writeFileSync(file, content);
  return readArchive(file);
}

const whole = write();

/** What the archive says; what the whole one says where it is refused. */
async function refusalOr(content: Buffer): Promise<unknown> {
  return read(content).catch((error: unknown) => {
    if (error instanceof BadArchive) {
      return read(whole);
    }
    throw error;
  });
}

test("what the lab writes is read back, and counted the same", async () => {
  expect(await read(whole)).toMatchObject({
    format: 1,
    lab: "data-a",
    versions: { Kafka: "3.9.1" },
    parts: {
      hdfs: { members: 3, bytes: 20000 },
      kafka: { members: 2, events: 2 },
      w205: { members: 2, bytes: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    },
  });
});

test("a cut archive is refused, wherever it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
      await expect(read(whole.subarray(0, length))).rejects.toThrow(BadArchive);
    }),
  );
});

test("an archive with other bytes is refused, or says the very same", async () => {
  const expected = await read(whole);
  const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(flips, async (changes) => {
      const other = Buffer.from(whole);
      changes.forEach(([at, by]) => (other[at]! ^= by));
      // Bytes of the gzip header say nothing of the content.
      expect(await refusalOr(other)).toEqual(expected);
    }),
  );
});

test("parts with other bytes and a right gzip around them is refused, or says the very same", async () => {
  const expected = await read(whole);
  const tar = gunzipSync(whole);
  const parts = tar.lastIndexOf("manifest.json");
  await fc.assert(
    fc.asyncProperty(fc.nat(parts - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const other = Buffer.from(tar);
      other[at]! ^= by;
      expect(await refusalOr(gzipSync(other))).toEqual(expected);
    }),
  );
});

test.each([
  ["an empty file", Buffer.alloc(0), /damaged or cut/],
  ["no gzip", Buffer.from("hello, this is no archive at all"), /damaged or cut/],
  ["a gzip of no tar", gzipSync("hello"), /damaged or cut|no manifest/],
  ["no manifest", write("", "w._tar.close(); w._zip.close()"), /no manifest/],
  [
    "a member that the manifest does not count",
    write("p = w.parts['w205']; w.part('w205'); w.text('w205/late', b'x'); w.parts['w205'] = p"),
    /part w205 is not what/,
  ],
  ["a path out of its part", write('w.text("w205/../../etc/passwd", b"x")'), /has the name/],
  ["an absolute path", write('w.part(""); w.text("/etc/passwd", b"x")'), /has the name/],
  [
    "a hidden path out of its part",
    write('import archive; archive.quote = lambda n: n; w.text("w205/%2e%2e/x", b"x")'),
    /has the name/,
  ],
  ["another part", write('w.part("root"); w.text("root/x", b"x")'), /has the name/],
  ["a later form", write("import archive; archive.FORMAT = 2"), /made by a later version/],
  ["no lab", write("", 'w.finish({"leftOut": []})'), /does not say which lab/],
  [
    "something after the manifest",
    write("", "c = w._tar.close; w._tar.close = lambda: (w.text('w205/late', b'x'), c()); w.finish(facts)"),
    /after its manifest/,
  ],
])("%s is refused", async (_name, content, message) => {
  await expect(read(content)).rejects.toThrow(message);
});

test("names of archives sort by their time, and an unfinished one is none", () => {
  const times = fc.date({ min: new Date("2000-01-01"), max: new Date("2999-12-31"), noInvalidDate: true });
  fc.assert(
    fc.property(times, times, (one, other) => {
      const names = [archiveName("a-b", one), archiveName("a-b", other)];
      expect(names.every(isArchiveName)).toBe(true);
      expect(names.every((name) => !isArchiveName(`${name}.unfinished`))).toBe(true);
      const seconds = [one, other].map((time) => Math.floor(time.getTime() / 1000));
      expect(Math.sign(names[0]!.localeCompare(names[1]!))).toBe(Math.sign(seconds[0]! - seconds[1]!));
    }),
  );
});
