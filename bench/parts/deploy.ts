import type { Bench, Part, Row } from "../harness/part";
import { Lab } from "../support/lab";

/** Host ports of the bench's labs. */
const PORTS = { tuned: 16_200, untuned: 16_202 };

/** Later flags win: the JDK's own archive of classes in place of the images', and both compilers, as Java starts by itself. */
const UNTUNED = {
  environment: { LAB_JAVA_OPTS: "-XX:SharedArchiveFile=/opt/java/lib/server/classes.jsa -XX:TieredStopAtLevel=4" },
};

async function measure(bench: Bench): Promise<Row[]> {
  const lab = new Lab("perf-a", PORTS.tuned);
  const untuned = new Lab("perf-b", PORTS.untuned, {
    zookeeper: UNTUNED,
    kafka: UNTUNED,
    cloudera: UNTUNED,
    presto: UNTUNED,
  });
  const side: Record<"destroy" | "down" | "canary" | "healthy", number[]> = {
    destroy: [],
    down: [],
    canary: [],
    healthy: [],
  };
  try {
    // Builds the images where they are not there, and writes docker-compose's file.
    await lab.deploy();
    await lab.destroy();
    await untuned.deploy();
    await untuned.destroy();
    const samples = await bench.turns({
      deploy: async () => {
        const { green, canary } = await lab.deploy();
        side.canary.push(canary);
        return green;
      },
      again: async () => (await lab.deploy()).green,
      apply: async () => {
        const apply = await lab.apply();
        side.destroy.push(await lab.destroy());
        return apply;
      },
      compose: async () => {
        const { answering, healthy } = await lab.composeUp();
        side.healthy.push(healthy);
        side.down.push(await lab.composeDown());
        return answering;
      },
      untuned: async () => {
        const { green } = await untuned.deploy();
        await untuned.destroy();
        return green;
      },
    });
    return rows({ ...samples, ...side });
  } finally {
    await lab.sweep();
    await untuned.sweep();
  }
}

function rows(samples: Readonly<Record<string, readonly number[]>>): Row[] {
  const of = (name: string): readonly number[] => samples[name]!;
  return [
    {
      id: "green",
      what: "deploy to green",
      unit: "s",
      samples: of("deploy"),
      against: { what: "docker-compose up -d until all answer their health checks", samples: of("compose") },
      goal: { median: 30, ratio: 1.15 },
      note:
        "`npm run lab` from the command to its end with images present: six services healthy, hooks run; the canary's " +
        "flight is taken out. docker-compose takes the same images, file and health checks, and runs no hooks; the " +
        "checks are asked twice a second by the bench, as the deploy asks them.",
    },
    {
      id: "healthy",
      what: "the same",
      unit: "s",
      samples: of("deploy"),
      against: { what: "docker-compose up -d until Docker says that all are healthy", samples: of("healthy") },
      goal: { ratio: 1.15 },
      note: "as `docker-compose ps` shows it: Docker asks by the intervals of docker-compose.yml, each 15 s.",
    },
    {
      id: "tuned",
      what: "the same",
      unit: "s",
      samples: of("deploy"),
      against: { what: "without class-data archives and tuned start-up", samples: of("untuned") },
      goal: { ratio: 0.8 },
      note:
        "the other lab's JVMs get `-XX:SharedArchiveFile` of the JDK itself and `-XX:TieredStopAtLevel=4` by " +
        "LAB_JAVA_OPTS; heaps and all else are the same.",
    },
    { id: "canary", what: "the canary's flight after it", unit: "s", samples: of("canary"), goal: { median: 20 } },
    {
      id: "again",
      what: "deploy again, nothing changed",
      unit: "s",
      samples: of("again"),
      against: { what: "terraform apply alone", samples: of("apply") },
      goal: { ratio: 1.5 },
    },
    {
      id: "destroy",
      what: "destroy",
      unit: "s",
      samples: of("destroy"),
      against: { what: "docker-compose down -v", samples: of("down") },
      goal: { ratio: 1.3 },
      note: "`npm run class -- down --no-save`, which ends with a look whether anything is left.",
    },
  ];
}

/** Bringing a lab up and taking it away. */
export const deploy: Part = {
  name: "deploy",
  about: "A lab is brought up, deployed again and taken away, by turns with docker-compose on the same images.",
  runs: 5,
  run: measure,
};
