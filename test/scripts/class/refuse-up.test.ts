import { BadInputError } from "../../../platform/checks";
import { inspectClass, InspectedClass, parseClass } from "../../../roster/class-file";
import { EXIT } from "../../../scripts/class/command";
import { accountRoom } from "../../../scripts/class/droplets";
import { refuseUp } from "../../../scripts/class/refuse-up";
import { StandInDigitalOcean } from "../../standin-digitalocean/api";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NOW = new Date("2026-11-24T12:00:00Z");
const folder = mkdtempSync(join(tmpdir(), "refuse-up-"));
const KEY_FILE = join(folder, "key.pub");
writeFileSync(KEY_FILE, `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)} somebody@example.edu\n`);
const before = { ...process.env };

afterEach(() => {
  process.env = { ...before };
  jest.restoreAllMocks();
});

afterAll(() => rmSync(folder, { recursive: true }));

function inspect(...lines: readonly string[]): InspectedClass {
  const file = join(folder, "class.yaml");
  writeFileSync(file, lines.join("\n"));
  return inspectClass(file);
}

async function refusal(inspected: InspectedClass): Promise<string> {
  const error = await refuseUp(inspected, inspected.result.labs, NOW).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(BadInputError);
  return (error as BadInputError).message.replaceAll(join(folder, "class.yaml"), "class.yaml");
}

test("labs past their end are refused by the line that says it, with all whom it is about", async () => {
  const message = await refusal(
    inspect(
      "expires: 2026-11-23",
      "students: [{ id: alice }, { id: bob }, { id: carol, expires: 2026-11-25 }]",
      "overrides:",
      "  bob:",
      "    expires: 2026-11-24T12:00",
      "    services: { mids: { gameApiPort: 5001 }, spark: { jupyterPort: 8889 }, home: { webPort: 8001 } }",
      "  carol:",
      "    services: { mids: { gameApiPort: 5002 }, spark: { jupyterPort: 8890 }, home: { webPort: 8002 } }",
    ),
  );
  const lines = message.split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^class\.yaml:1: expires is 2026-11-23 23:59 UTC, which is past: alice\. Allowed is a time/);
  expect(lines[1]).toMatch(/^class\.yaml:5: expires is 2026-11-24 12:00 UTC, which is past: bob\./);
});

test("a droplet's own end counts too", async () => {
  const message = await refusal(
    inspect("target:", "  digitalocean:", "    expires: 2026-11-20", "students: [{ id: alice }]"),
  );
  expect(message).toMatch(/^class\.yaml:3: expires is 2026-11-20/m);
});

test("mistakes of the file, of what it asks of a service, and ends: all at once", async () => {
  const message = await refusal(
    inspect(
      "expires: 2026-11-23",
      "studnets: []",
      "students:",
      "  - id: alice",
      "    services: { kafka: { heapMiB: 1 } }",
    ),
  );
  expect(message.split("\n").map((line) => line.slice(0, 13))).toEqual([
    "class.yaml:1:",
    "class.yaml:2:",
    "class.yaml:5:",
  ]);
});

test("a host port of another lab of the class is refused, though that one is not to come up; its own mistakes are not", async () => {
  const inspected = inspect(
    "students:",
    "  - { id: alice, services: { kafka: { heapMiB: 1 } } }",
    "  - { id: bob, services: { home: { webPort: 8100 }, spark: { jupyterPort: 8101 } } }",
    "  - { id: carol, services: { home: { webPort: 8200 }, spark: { jupyterPort: 8101 }, mids: { gameApiPort: 8202 } } }",
    "  - { id: dora, target: { digitalocean: {} } }",
  );
  const carol = inspected.result.labs.filter(({ id }) => id === "carol");
  const error = (await refuseUp(inspected, carol, NOW).catch((caught: Error) => caught)) as Error;
  expect(error.message).toMatch(
    /^\S*class.yaml:4: host port 8101 .* taken twice: by bob\/lab\/spark .* at \S*class.yaml:3 and by carol\/lab\/spark [^\n]*$/,
  );
});

test("labs that are right are not refused", async () => {
  const inspected = inspect("expires: 2026-11-25", "students: [{ id: alice }]");
  await expect(refuseUp(inspected, inspected.result.labs, NOW)).resolves.toBeUndefined();
});

describe("droplets", () => {
  let api: StandInDigitalOcean;

  async function account(dropletLimit: number): Promise<void> {
    api = await StandInDigitalOcean.start({ token: "token-of-a-test", dropletLimit });
    Object.assign(process.env, api.environment);
  }

  afterEach(() => api.stop());

  const DROPLETS = [
    "name: w205",
    `target: { digitalocean: { operatorKeyFile: ${KEY_FILE} } }`,
    "students: [{ id: alice }, { id: bob }, { id: carol }]",
  ];

  test("more of them than the account may have are refused, and only those that are not there yet count", async () => {
    await account(2);
    expect(await refusal(inspect(...DROPLETS))).toMatch(
      /^class\.yaml:2: The class needs 3 more droplets, and the account has room for 2 \(0 of 2\)\.\nAsk for a higher limit/,
    );
    const droplet = { name: "lab-alice", status: "active", networks: { v4: [], v6: [] } } as const;
    api.droplets.set("1", { ...droplet, networks: { v4: [], v6: [] }, id: 1 });
    expect(await refusal(inspect(...DROPLETS))).toMatch(
      /needs 2 more droplets, and the account has room for 1 \(1 of 2\)/,
    );
    const { result, mistakes } = inspect(...DROPLETS);
    await expect(refuseUp({ result, mistakes }, result.labs.slice(0, 2), NOW)).resolves.toBeUndefined();
    expect(api.requests.every((request) => request.startsWith("GET "))).toBe(true);
  });

  test("an account with more droplets than a page holds is read to its end", async () => {
    await account(450);
    const ids = Array.from({ length: 440 }, (_, index) => `s${index}`);
    ids.forEach((id, index) => {
      api.droplets.set(id, { id: index, name: `lab-${id}`, status: "active", networks: { v4: [], v6: [] } });
    });
    const students = [...ids, "new1", "new2"].map((id) => `  - { id: ${id} }`);
    const { labs } = parseClass("class.yaml", ["target: digitalocean", "students:", ...students].join("\n"));

    const { missing, total } = await accountRoom(labs, () => undefined);
    expect(total).toBe(440);
    expect(missing.map(({ id }) => id)).toEqual(["new1", "new2"]);
    expect(api.requests.filter((request) => request === "GET /v2/droplets")).toHaveLength(4);
  });

  test("without a token nothing is begun", async () => {
    await account(1);
    delete process.env.DIGITALOCEAN_TOKEN;
    delete process.env.DIGITALOCEAN_ACCESS_TOKEN;
    const { result, mistakes } = inspect(...DROPLETS);
    await expect(refuseUp({ result, mistakes }, result.labs, NOW)).rejects.toMatchObject({
      exitCode: EXIT.badInput,
      message: expect.stringContaining("export DIGITALOCEAN_TOKEN=") as string,
    });
  });
});
