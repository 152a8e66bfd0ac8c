import type { SERVICE_NAMES } from "../../stacks/lab-stack";
import type { Bench, Part, Row } from "../harness/part";
import { seconds } from "../harness/turns";
import { Flight } from "../support/flight";
import { Lab } from "../support/lab";

/** What each hop starts, with nothing to do: by the canary's own name of the hop. */
const STARTS: Readonly<Record<string, { readonly in: (typeof SERVICE_NAMES)[number]; readonly command: string[] }>> = {
  "game API": { in: "mids", command: ["python3", "/tmp/bench-canary/start_api.py"] },
  Kafka: { in: "mids", command: ["python3", "-c", "import confluent_kafka"] },
  Spark: { in: "spark", command: ["spark-submit", "/tmp/bench-canary/start_spark.py"] },
  HDFS: { in: "cloudera", command: ["python3", "-c", "import urllib.request"] },
  Hive: { in: "cloudera", command: ["hive-sql", "-e", "show databases"] },
  Presto: { in: "presto", command: ["python3", "-c", "import urllib.request"] },
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

async function measure(bench: Bench): Promise<Row[]> {
  const lab = new Lab("perf-c", 16_217);
  const flights: Flight[] = [];
  const starts: Record<string, number[]> = Object.fromEntries(Object.keys(STARTS).map((hop) => [hop, []]));
  try {
    await lab.deploy();
    for (const service of ["mids", "spark"] as const) {
      await lab.copyIn(service, "bench/canary", "/tmp/bench-canary");
    }
    const { whole, nothing } = await bench.turns({
      whole: async () => {
        flights.push(await lab.flyCanary());
        return flights.at(-1)!.whole;
      },
      nothing: async () => {
        const turn: number[] = [];
        for (const [hop, start] of Object.entries(STARTS)) {
          turn.push(await seconds(() => lab.exec(start.in, start.command)));
          starts[hop]!.push(turn.at(-1)!);
        }
        return sum(turn);
      },
    });
    return [
      {
        id: "whole",
        what: "the canary's flight",
        unit: "s",
        samples: whole,
        against: { what: "its hops' start-up alone", samples: nothing },
        goal: { median: 20 },
        note:
          "the hooks' checks, the six hops and the cleaning up. Start-up: the game API until it listens, a Spark session, " +
          "a connection to HiveServer2, Python with the hop's libraries.",
      },
      ...Object.keys(flights[0]!.hops).map((hop): Row => {
        const against = starts[hop] && { what: "its start-up alone", samples: starts[hop] };
        const samples = flights.map(({ hops }) => hops[hop] ?? 0);
        return { id: `hop-${hop.replaceAll(" ", "-")}`, what: `of that, ${hop}`, unit: "s", samples, against };
      }),
    ];
  } finally {
    await lab.sweep();
  }
}

/** The canary, hop by hop. */
export const canary: Part = {
  name: "canary",
  about:
    "The canary flies through a lab that is up, by turns with what its hops have to start, which then does nothing.",
  runs: 5,
  run: measure,
};
