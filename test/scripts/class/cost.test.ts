import { mkdirSync, rmSync } from "node:fs";
import { labFolder } from "../../../platform/lab-files";
import { parseClass } from "../../../roster/class-file";
import { ClassCost, classCost } from "../../../scripts/class/class-cost";
import { notePaid } from "../../../scripts/class/paid-droplets";
import { costText } from "../../../scripts/class/cost";
import { costOf, currentPrices, perMonth, TABLE } from "../../../scripts/class/prices";
import { StandInDigitalOcean } from "../../standin-digitalocean/api";

const NOW = new Date("2026-11-24T12:00:00Z");
const { labs } = parseClass(
  "class.yaml",
  [
    "expires: 2026-11-26T12:00",
    "target: { digitalocean: { size: s-4vcpu-8gb } }",
    "students: [{ id: alice }, { id: bob, target: { digitalocean: { dataVolumeGiB: 100, backups: true } } }, { id: carol, target: local }]",
  ].join("\n"),
);
const HOUR = 48 / 672;

test("a class's cost an hour, so far and until it ends, with volumes and backups", async () => {
  const since = new Map([["alice", new Date("2026-11-23T12:00:00Z")]]);
  const found = await classCost(labs, { now: NOW, prices: TABLE, since, budget: { amount: 5, currency: "USD" } });
  const [alice, bob, carol] = found.labs;
  expect(alice).toMatchObject({ size: "s-4vcpu-8gb", since: "2026-11-23T12:00:00.000Z" });
  expect(alice!.soFar).toBeCloseTo(24 * HOUR);
  expect(alice!.untilExpiry).toBeCloseTo(72 * HOUR);
  expect(bob!.parts).toEqual({
    droplet: HOUR,
    volume: expect.closeTo(10 / 672) as number,
    backups: expect.closeTo(HOUR / 5) as number,
  });
  expect(bob!.soFar).toBe(0);
  expect(bob!.untilExpiry).toBeCloseTo(48 * (HOUR * 1.2 + 10 / 672));
  expect(carol).toMatchObject({ parts: {}, anHour: 0, soFar: 0, untilExpiry: 0 });
  expect(found.anHour).toBeCloseTo(alice!.anHour + bob!.anHour);
  expect(found).toMatchObject({ overBudget: true, prices: { tableOf: "2025-11" } });
  expect(costText(found)).toContain("The budget is $5.00; the class may cost more.");
  expect(costText(found)).toContain("1 lab without a droplet: nothing to pay.");
});

test("droplets that are taken away count in what a lab has cost", async () => {
  const lab = "paid-by-a-test";
  const [alice] = labs;
  const day = async (from: string, now: string): Promise<ClassCost> =>
    classCost([{ ...alice!, id: lab }], { now: new Date(now), prices: TABLE, since: new Map([[lab, new Date(from)]]) });
  mkdirSync(labFolder(lab), { recursive: true });
  try {
    const [first] = (await day("2026-11-22T12:00:00Z", "2026-11-22T22:00:00Z")).labs;
    notePaid(first!);
    // The down was interrupted, and typed again.
    const again = await day("2026-11-22T12:00:00Z", "2026-11-22T23:00:00Z");
    expect(again.labs[0]).toMatchObject({ earlier: 0, soFar: expect.closeTo(11 * HOUR) as number });
    notePaid(again.labs[0]!);
    const next = await day("2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z");
    expect(next.labs[0]!.earlier).toBeCloseTo(11 * HOUR);
    expect(next.soFar).toBeCloseTo(13 * HOUR);
    expect(next.untilExpiry).toBeCloseTo((11 + 50) * HOUR);
    expect(costText(next)).toContain("$0.79 of it was for droplets that are taken away.");
  } finally {
    rmSync(labFolder(lab), { recursive: true });
  }
});

test("without an end, the cost in all is not known, and may be more than any budget", async () => {
  const endless = labs.map((lab) => ({ ...lab, expires: undefined }));
  const found = await classCost(endless, {
    now: NOW,
    prices: TABLE,
    since: new Map(),
    budget: { amount: 1e6, currency: "USD" },
  });
  expect(found).toMatchObject({ untilExpiry: undefined, overBudget: true });
  expect(costText(found)).toContain("not known: some labs have no end");
});

test("a class on this machine costs nothing", async () => {
  const { labs: local } = parseClass("class.yaml", "students: [{ id: alice }]");
  const found = await classCost(local, { prices: TABLE, budget: { amount: 1, currency: "USD" } });
  expect(found).toMatchObject({ anHour: 0, soFar: 0, untilExpiry: 0, overBudget: false });
});

test("a lab that should have ended goes on to cost", async () => {
  const since = new Map([["alice", new Date("2026-11-23T12:00:00Z")]]);
  const later = new Date("2026-11-28T12:00:00Z");
  const [alice] = (await classCost(labs.slice(0, 1), { now: later, prices: TABLE, since })).labs;
  expect(alice!.untilExpiry).toBeCloseTo(120 * HOUR);
});

test("no calendar month costs more than its price", () => {
  const price = perMonth(48);
  const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
  expect(costOf(price, day("2026-10-01"), day("2026-11-01"))).toBeCloseTo(48);
  expect(costOf(price, day("2026-10-15"), day("2026-12-02"))).toBeCloseTo(17 * 24 * HOUR + 48 + 24 * HOUR);
  expect(costOf(price, day("2026-10-02"), day("2026-10-01"))).toBe(0);
});

describe("with a token", () => {
  let api: StandInDigitalOcean;
  const before = { ...process.env };

  beforeAll(async () => {
    api = await StandInDigitalOcean.start({ token: "token-of-a-test" });
    Object.assign(process.env, api.environment);
  });

  afterAll(async () => {
    process.env = before;
    await api.stop();
  });

  test("prices and times come from the API", async () => {
    api.droplets.set("1", {
      id: 1,
      name: "lab-alice",
      status: "active",
      networks: { v4: [], v6: [] },
      created_at: "2026-11-24T00:00:00Z",
      tags: ["fullstack-lab", "class:class", "student:alice"],
    });
    const prices = await currentPrices(() => undefined);
    expect(prices.source).toBe("api");
    expect(prices.droplet("s-4vcpu-8gb")).toEqual({ anHour: 0.07143, aMonth: 48 });
    const found = await classCost(labs, { now: NOW });
    expect(found.prices).toBe("api");
    expect(found.labs.map(({ soFar }) => soFar)).toEqual([expect.closeTo(12 * 0.07143), 0, 0]);
  });

  test("a droplet of the class that no student in its file has costs too, and has no end", async () => {
    const make = (name: string, ...tags: string[]) =>
      fetch(`${api.environment.DIGITALOCEAN_API_URL}/v2/droplets`, {
        method: "POST",
        headers: { authorization: `Bearer ${api.environment.DIGITALOCEAN_TOKEN}` },
        body: JSON.stringify({ name, size: "s-4vcpu-8gb", tags: ["fullstack-lab", ...tags] }),
      });
    await make("lab-gone", "class:class", "student:gone");
    await make("lab-other", "class:other", "student:other");
    const found = await classCost(labs.slice(0, 1), { prices: TABLE, wholeClass: labs });
    expect(found.strays).toMatchObject([{ lab: "gone", size: "s-4vcpu-8gb", anHour: HOUR }]);
    expect(found.anHour).toBeCloseTo(2 * HOUR);
    expect(found.untilExpiry).toBeUndefined();
    expect(costText(found)).toMatch(/^│ gone \(in no class file\) │ s-4vcpu-8gb │/m);
    expect(costText(found)).toContain("The class file has no student gone: a droplet is billed all the same.");
  });

  test("an API that fails leaves the table, and says so", async () => {
    const said: string[] = [];
    process.env.DIGITALOCEAN_TOKEN = "another";
    expect(await currentPrices((message) => said.push(message))).toBe(TABLE);
    expect(said.join("\n")).toMatch(/refuses the token.*prices are those of 2025-11/s);
  });
});
