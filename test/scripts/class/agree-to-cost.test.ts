import { parseClass } from "../../../roster/class-file";
import { agreeToCost } from "../../../scripts/class/agree-to-cost";
import { EXIT } from "../../../scripts/class/command";
import { TABLE } from "../../../scripts/class/prices";

const NOW = new Date("2026-11-24T12:00:00Z");
/** Each of the two costs 3.43 dollars until the end. */
const CLASS = [
  "expires: 2026-11-26T12:00",
  "students:",
  "  - { id: alice, target: { digitalocean: { size: s-4vcpu-8gb } } }",
  "  - { id: bob, target: { digitalocean: { size: s-4vcpu-8gb } } }",
  "  - { id: carol, target: local }",
].join("\n");
const withBudget = (dollars: number): ReturnType<typeof parseClass> =>
  parseClass("class.yaml", `budget: { amount: ${dollars}, currency: USD }\n${CLASS}`);

let said = "";

beforeEach(() => {
  said = "";
  // Also where somebody runs the tests at a terminal.
  Object.defineProperty(process.stdin, "isTTY", { value: false, configurable: true });
  jest.spyOn(console, "error").mockImplementation((text: string) => void (said += `${text}\n`));
});

afterEach(() => jest.restoreAllMocks());

const options = { now: NOW, prices: TABLE, since: new Map<string, Date>() };

test("the cost of those who come up is said, and within the budget nobody is asked", async () => {
  const { labs, budget } = withBudget(10);
  await agreeToCost({ labs, budget }, labs, options);
  expect(said).toContain("The budget is $10.00.");
});

test("above the budget nothing goes on without an answer", async () => {
  const { labs, budget } = withBudget(5);
  await expect(agreeToCost({ labs, budget }, labs, options)).rejects.toMatchObject({
    exitCode: EXIT.refused,
    message: "nobody is at a terminal to agree: give --yes",
  });
  await expect(agreeToCost({ labs, budget }, labs, { ...options, yes: true })).resolves.toMatchObject({
    overBudget: true,
  });
});

test("those who are up already count, those who are not asked for do not", async () => {
  const { labs, budget } = withBudget(5);
  const alice = labs.slice(0, 1);
  expect((await agreeToCost({ labs, budget }, alice, options))!.labs.map(({ lab }) => lab)).toEqual(["alice"]);
  const since = new Map([["bob", NOW]]);
  await expect(agreeToCost({ labs, budget }, alice, { ...options, since })).rejects.toMatchObject({
    exitCode: EXIT.refused,
  });
});

test("labs that cost nothing are brought up without a word", async () => {
  const { labs, budget } = withBudget(0.01);
  expect(await agreeToCost({ labs, budget }, labs.slice(2), options)).toBeUndefined();
  expect(said).toBe("");
});
