import { exercise } from "./exercise";
import { refusals } from "./refusals";
import { repair } from "./repair";
import { severalLabs } from "./several-labs";
import { ALICE, deploy, forget, sweep, writeClass } from "./support/lab";

beforeAll(async () => {
  await sweep();
  writeClass();
});

afterAll(async () => {
  await sweep();
  forget();
});

describe("a new lab", () => {
  test("comes up with one deploy, and its canary is timed hop by hop", async () => {
    const { output } = await deploy(ALICE, { timeoutSeconds: 2400 });
    for (const hop of ["game API", "Kafka", "Spark", "HDFS", "Hive", "Presto"]) {
      expect(output).toMatch(new RegExp(`canary: ${hop} +[\\d.]+ s`));
    }
    expect(output).toContain("canary: green");
  });
});

describe("the class exercise", () => exercise(ALICE));
describe("repair", repair);
describe("refusals", refusals);
describe("several labs", severalLabs);
