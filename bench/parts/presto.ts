import type { Bench, Part, Row } from "../harness/part";
import { seconds } from "../harness/turns";
import { Lab } from "../support/lab";
import { presto as ask, sendPurchases } from "./memory";

const EVENTS = 10_000;
const QUERY = "select count(*) from purchases";

async function measure(bench: Bench): Promise<Row[]> {
  const lab = new Lab("perf-q", 16_206);
  const tenth: number[] = [];
  try {
    await lab.deploy();
    await sendPurchases(lab, EVENTS);
    await lab.exec("spark", ["spark-submit", "/w205/full-stack2/write_hive_table.py"]);
    const { first } = await bench.turns({
      first: async () => {
        await lab.compose("restart presto");
        await lab.exec("presto", ["wait-healthy", "120"]);
        const sample = await seconds(() => ask(lab, QUERY));
        for (let query = 2; query < 10; query++) {
          await ask(lab, QUERY);
        }
        tenth.push(await seconds(() => ask(lab, QUERY)));
        return sample;
      },
    });
    return [
      { id: "first", what: "first count(*) after Presto's start", unit: "s", samples: first },
      {
        id: "tenth",
        what: "tenth count(*)",
        unit: "s",
        samples: tenth,
        note: `the command \`presto --execute\` from its start to its end; the table holds ${EVENTS} rows in HDFS.`,
      },
    ];
  } finally {
    await lab.sweep();
  }
}

/** Presto's count(*). */
export const presto: Part = {
  name: "presto",
  about: "`select count(*)` on a table of purchases, the first and the tenth time after Presto was started.",
  runs: 5,
  run: measure,
};
