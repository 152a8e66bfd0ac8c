import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadInputError, BadInputErrors } from "../../platform/checks";
import { labFolder } from "../../platform/lab-files";
import { LabEntry, parseClass } from "../../roster/class-file";
import { orphansFile } from "../../stacks/on-host";
import { classMistakes, synthesize } from "../../stacks/synthesize";
import { studentStacks, writeStudentFolder } from "../../stacks/student-stacks";
import { App } from "cdktf";

// Other work on the machine must not fail it.
jest.setTimeout(60_000);

const outdir = mkdtempSync(join(tmpdir(), "synthesize-"));
const LABS = ["synthesized-by-a-test-1", "synthesized-by-a-test-2"];

/** A lab on ports of its own. */
function entry(id: string, port: number): LabEntry {
  return {
    id,
    services: { mids: { gameApiPort: port }, spark: { jupyterPort: port + 1 }, home: { webPort: port + 2 } },
  };
}

beforeAll(() => {
  process.env.CDKTF_OUTDIR = outdir;
});

afterAll(() => {
  delete process.env.CDKTF_OUTDIR;
  rmSync(outdir, { recursive: true });
  LABS.forEach((id) => rmSync(labFolder(id), { recursive: true, force: true }));
});

function stack(id: string): string {
  return readFileSync(join(outdir, "stacks", id, "cdk.tf.json"), "utf8");
}

test("another student beside one changes nothing of one's stack", async () => {
  await synthesize([entry(LABS[0]!, 17100)]);
  expect(readdirSync(join(outdir, "stacks"))).toEqual([LABS[0]]);
  const alone = stack(LABS[0]!);
  await synthesize([entry(LABS[0]!, 17100), entry(LABS[1]!, 17103)]);
  expect(stack(LABS[0]!)).toBe(alone);
});

test("no stack carries the stack traces of its making, and errors still have theirs", async () => {
  expect(stack(LABS[0]!)).not.toContain("stackTrace");
  const error = (await synthesize([{ id: "Bad", services: {} }]).catch((caught: Error) => caught)) as Error;
  expect(error.stack).toContain("synthesize");
  expect(new Error("after").stack).toContain("synthesize.test");
});

test("two labs on one port are refused", async () => {
  await expect(synthesize(LABS.map((id) => entry(id, 17100)))).rejects.toThrow(/host port 17100 .* is taken twice/);
});

test("all mistakes of all labs are named by their lines, and nothing is written", async () => {
  const { labs } = parseClass(
    "class.yaml",
    [
      "defaults:",
      "  kafka: { heapMiB: 9999 }",
      "students:",
      `  - id: ${LABS[0]}`,
      "    services:",
      "      spark:",
      "        driverMemoryMiB: 1",
      `  - id: ${LABS[1]}`,
      "    target: { digitalocean: { expires: tomorrow, operatorKeyFile: /nowhere.pub, studentKeyFiles: [/none.pub] } }",
    ].join("\n"),
  );
  const found = [new BadInputError("class.yaml:1", "a mistake of the file")];
  const error = (await synthesize(labs, { found }).catch((caught: Error) => caught)) as BadInputErrors;
  expect(error.message.split("\n")).toEqual([
    "class.yaml:1: a mistake of the file",
    expect.stringMatching(/^class.yaml:2: kafka: heapMiB is 9999, but the container has memoryMiB 512/),
    expect.stringMatching(/^class.yaml:7: spark: driverMemoryMiB is 1; allowed is a whole number from 384/),
    expect.stringMatching(/^class.yaml:9: expires is "tomorrow"/),
    expect.stringMatching(/^class.yaml:9: there is no SSH key file "\/nowhere.pub"/),
    expect.stringMatching(/^class.yaml:9: there is no SSH key file "\/none.pub"/),
  ]);
});

test("a class that is only looked at gets no folder", () => {
  const text = `target: digitalocean\nstudents: [{ id: looked-at-by-a-test }]\n`;
  classMistakes({ result: parseClass("class.yaml", text), mistakes: [] });
  expect(existsSync(labFolder("looked-at-by-a-test"))).toBe(false);
});

test("two labs on one port are named by their lines", () => {
  const text =
    "students:\n  - id: al\n  - id: bo\n    services:\n      spark: { jupyterPort: 17200 }\n      home: { webPort: 17201 }\n";
  expect(classMistakes({ result: parseClass("class.yaml", text), mistakes: [] }).map(({ message }) => message)).toEqual(
    [
      "class.yaml:3: host port 5000 (127.0.0.1) is taken twice: by al/lab/mids (gameApiPort) at class.yaml:2 and by " +
        "bo/lab/mids (gameApiPort). Give one of them another port.",
    ],
  );
});

test("two labs in one folder of one machine are named by their lines", () => {
  const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;
  const lab = (id: string, address: string, folder = "/home/ops"): string =>
    `  - { id: ${id}, target: { host: "ssh://ops@${address}", hostKey: "${key}", folder: ${folder} } }`;
  const text = [
    lab("al", "192.0.2.1"),
    lab("bo", "192.0.2.1"),
    lab("cy", "192.0.2.2"),
    lab("di", "192.0.2.1", "/srv/di"),
  ];
  const found = classMistakes({ result: parseClass("class.yaml", ["students:", ...text].join("\n")), mistakes: [] });
  expect(found.map(({ message }) => message).filter((message) => !message.includes("host port"))).toEqual([
    "class.yaml:3: the folder /home/ops on 192.0.2.1:22 would be that of two labs, al and bo. Give one of them another folder.",
  ]);
});

test("containers that a deploy is to clear are kept, so that the next synth is the same", () => {
  writeStudentFolder(studentStacks(new App({ outdir }), entry(LABS[0]!, 17100)), ["aa", "bb"]);
  expect(readFileSync(orphansFile(LABS[0]!), "utf8")).toBe("aa bb");
});
