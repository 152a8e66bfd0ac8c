import { setTimeout as sleep } from "node:timers/promises";
import { SERVICE_NAMES } from "../../stacks/lab-stack";
import type { Bench, Part, Row } from "../harness/part";
import { heldMiB } from "../support/cgroup";
import { Lab } from "../support/lab";

const IDLE_MINUTES = 10;
const POLL_MS = 500;

/**
 * Heaps that the services' own start scripts set where nobody else does, in MiB: zkEnv.sh, kafka-server-start.sh, Hadoop's
 * script for each of two daemons up to release 2, hive-config.sh for each of two. Presto's has none: it must be given.
 */
const STOCK_HEAPS = { ZooKeeper: 1000, Kafka: 1024, HDFS: 2000, Hive: 512 };

type PerService = Record<(typeof SERVICE_NAMES)[number], number>;

async function perService(lab: Lab): Promise<PerService> {
  const values = await Promise.all(
    SERVICE_NAMES.map(async (service) => [service, await heldMiB(`lab-${lab.id}-${service}`)] as const),
  );
  return Object.fromEntries(values) as PerService;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

async function measure(bench: Bench): Promise<Row[]> {
  const lab = new Lab("perf-m", 16_204);
  try {
    await lab.deploy();
    bench.say(`green; waits ${IDLE_MINUTES} minutes`);
    await sleep(IDLE_MINUTES * 60_000);
    const idle = await perService(lab);
    const busy = await most(lab, () => work(lab));
    const stock = Object.entries(STOCK_HEAPS).map(([name, heap]) => `${name} ${heap}`);
    return [
      {
        id: "idle",
        what: `idle lab, ${IDLE_MINUTES} minutes after green`,
        unit: "MiB",
        samples: [sum(Object.values(idle))],
        against: { what: "sum of the services' stock heaps", samples: [sum(Object.values(STOCK_HEAPS))] },
        goal: { median: 1536 },
        note:
          "anonymous and shared memory and the kernel's part, from the containers' cgroups (before it, the canary has " +
          `flown). Stock heaps in MiB: ${stock.join(", ")}.`,
      },
      ...SERVICE_NAMES.map((service) => ({
        id: `idle-${service}`,
        what: `of that, ${service}`,
        unit: "MiB" as const,
        samples: [idle[service]],
      })),
      {
        id: "busy",
        what: "most while a Spark job runs beside Presto queries",
        unit: "MiB",
        samples: [busy],
        goal: { median: 2867 },
      },
    ];
  } finally {
    await lab.sweep();
  }
}

/** The most that the lab held at any moment of some work. */
async function most(lab: Lab, doing: () => Promise<void>): Promise<number> {
  let done = false;
  let highest = 0;
  const poll = async (): Promise<void> => {
    while (!done) {
      highest = Math.max(highest, sum(Object.values(await perService(lab))));
      await sleep(POLL_MS);
    }
  };
  await Promise.all([
    poll(),
    doing().finally(() => {
      done = true;
    }),
  ]);
  return highest;
}

/** Events, then a Spark job that makes a table of them, twice; the second time Presto is asked all the while. */
async function work(lab: Lab): Promise<void> {
  await sendPurchases(lab, 10_000);
  const job = (): Promise<unknown> => lab.exec("spark", ["spark-submit", "/w205/full-stack2/write_hive_table.py"]);
  await job();
  let running = true;
  const asking = async (): Promise<void> => {
    while (running) {
      // The job drops the table for a moment.
      await presto(lab, "select event_type, count(*) from purchases group by event_type").catch(() => undefined);
    }
  };
  await Promise.all([
    job().finally(() => {
      running = false;
    }),
    asking(),
  ]);
}

/** Sends events like the game API's. */
export async function sendPurchases(lab: Lab, count: number): Promise<void> {
  const event = { Accept: "*/*", Host: "user1.comcast.com", "User-Agent": "bench", event_type: "purchase_sword" };
  const lines = `${JSON.stringify(event)}\n`.repeat(count);
  await lab.exec("mids", ["kafkacat", "-P", "-b", "kafka:29092", "-t", "events"], lines);
}

/** Asks Presto by its command, as a student does. */
export function presto(lab: Lab, query: string): Promise<unknown> {
  const command = ["presto", "--server", "presto:8080", "--catalog", "hive", "--schema", "default", "--execute", query];
  return lab.exec("presto", command);
}

/** What an idle and a busy lab hold. */
export const memory: Part = {
  name: "memory",
  about: `What the lab's containers hold that the kernel can't take back, ${IDLE_MINUTES} minutes after green and while it works.`,
  runs: 1,
  run: measure,
};
