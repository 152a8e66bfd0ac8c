import { docker, lastWords, StepFailed } from "../../platform/steps/docker";
import { carryAndRun } from "../../platform/steps/hook";
import { OPTIONAL_SERVICES, SERVICE_NAMES } from "../../stacks/lab-stack";
import { count } from "./exercise";
import { SAVE_FILES } from "./save-lab";

/** All that can be reset. */
export const RESETTABLE = [...SERVICE_NAMES, ...OPTIONAL_SERVICES] as const;

/** A service's name. */
export type ServiceName = (typeof RESETTABLE)[number];

/** What jobs/save/inventory.py prints. */
export interface Inventory {
  readonly kafka: Readonly<Record<string, number>> | null;
  readonly hdfs: { readonly files: number; readonly bytes: number } | null;
  readonly tables: readonly string[] | null;
}

/** What brings a service back to its start. */
interface Reset {
  /** Whose containers go; the next deploy makes new ones. */
  readonly containers: readonly ServiceName[];
  /** Volumes that go, by service and name. */
  readonly volumes: readonly string[];
  /** What of a student's goes with them, in words. */
  readonly loses: (inventory: Inventory) => string[];
}

const IN_CONTAINER = "what was installed or written in its container, outside of /w205; what runs in it is ended";
const BEGIN_AFRESH =
  "a stream's checkpoint in HDFS counts by offsets that are gone: begin it afresh (write_swords_stream.py says how)";

/**
 * Each service's own state. ZooKeeper holds nothing but Kafka's topics: a new Kafka beside an old ZooKeeper would have
 * the old topics, empty; a new ZooKeeper gets them back from Kafka's volume. HDFS and the metastore are one service.
 */
const RESETS: Readonly<Record<ServiceName, Reset>> = {
  zookeeper: {
    containers: ["zookeeper", "kafka"],
    volumes: ["zookeeper-data"],
    loses: () => [
      "the topics' settings, which become Kafka's defaults; topics and events stay, they are in Kafka's volume",
    ],
  },
  kafka: {
    containers: ["kafka", "zookeeper"],
    volumes: ["kafka-data", "zookeeper-data"],
    loses: ({ kafka }) => [...topicsInWords(kafka), "the offsets of consumer groups", BEGIN_AFRESH],
  },
  cloudera: {
    containers: ["cloudera"],
    volumes: ["cloudera-hdfs", "cloudera-metastore"],
    loses: ({ hdfs, tables }) => [
      hdfs
        ? `${count(hdfs.files, "file")} in HDFS, ${(hdfs.bytes / 1024 / 1024).toFixed(1)} MiB`
        : "all files in HDFS (it does not answer: they can't be counted)",
      tables
        ? `${count(tables.length, "table")}${tables.length > 0 ? `: ${tables.slice(0, 10).join(", ")}` : ""}`
        : "all tables (the metastore does not answer: they can't be counted)",
    ],
  },
  spark: { containers: ["spark"], volumes: [], loses: () => [IN_CONTAINER] },
  presto: { containers: ["presto"], volumes: [], loses: () => [] },
  mids: { containers: ["mids"], volumes: [], loses: () => [IN_CONTAINER] },
  superset: {
    containers: ["superset"],
    volumes: ["superset-metadata"],
    loses: () => ["the queries, charts and dashboards saved in Superset, which no save keeps"],
  },
  home: { containers: ["home"], volumes: [], loses: () => [] },
};

/** Whether a service has what a save keeps. */
export function hasSavedData(service: ServiceName): boolean {
  return service !== "superset" && RESETS[service].volumes.length > 0;
}

/** What of a student's goes when a service is reset, in words. */
export function lossesOf(service: ServiceName, inventory: Inventory): string[] {
  return RESETS[service].loses(inventory);
}

function topicsInWords(topics: Inventory["kafka"]): string[] {
  if (!topics) {
    return ["all topics (Kafka does not answer: their events can't be counted)"];
  }
  const events = Object.entries(topics).map(([topic, events]) => `${topic} (${count(events, "event")})`);
  return [`${count(events.length, "topic")}${events.length > 0 ? `: ${events.join(", ")}` : ""}`];
}

/** Counts what a lab's services hold; changes nothing. */
export async function inventoryOf(lab: string): Promise<Inventory> {
  const { exitCode, output } = await carryAndRun({
    container: `lab-${lab}-mids`,
    timeoutSeconds: 60,
    files: SAVE_FILES,
    command: ["python3", "jobs/save/inventory.py"],
  });
  const line = output.split("\n").find((text) => text.startsWith("{"));
  return exitCode === 0 && line ? (JSON.parse(line) as Inventory) : { kafka: null, hdfs: null, tables: null };
}

/** Whether a lab has a service, which it may do without: its container or a volume of it. @throws StepFailed */
export async function hasService(lab: string, service: ServiceName): Promise<boolean> {
  if (!(OPTIONAL_SERVICES as readonly string[]).includes(service)) {
    return true;
  }
  const names = [service, ...RESETS[service].volumes].map((name) => `lab-${lab}-${name}`);
  const lists = await Promise.all([
    docker(["ps", "--all", "--format", "{{.Names}}"]),
    docker(["volume", "ls", "--format", "{{.Name}}"]),
  ]);
  const failed = lists.find(({ exitCode }) => exitCode !== 0);
  if (failed) {
    throw new StepFailed(`Docker did not say what the lab "${lab}" has: ${lastWords(failed.output, 3)}`);
  }
  return lists.some(({ output }) => output.split("\n").some((name) => names.includes(name.trim())));
}

/**
 * Takes away a service's containers and volumes; the next deploy makes them anew and lets the hooks that filled them
 * run again. Safe to do again after it was cut off.
 *
 * @throws StepFailed when Docker refuses
 */
export async function takeAway(lab: string, service: ServiceName): Promise<void> {
  const { containers, volumes } = RESETS[service];
  const names = (parts: readonly string[]): string[] => parts.map((part) => `lab-${lab}-${part}`);
  await remove(["rm", "--force", ...names(containers)]);
  if (volumes.length > 0) {
    await remove(["volume", "rm", "--force", ...names(volumes)]);
  }
}

async function remove(words: readonly string[]): Promise<void> {
  const { exitCode, output } = await docker(words);
  const problems = output
    .split("\n")
    .filter((line) => /error/i.test(line) && !/No such (container|volume)/i.test(line));
  if (exitCode !== 0 && problems.length > 0) {
    throw new StepFailed(`docker ${words.join(" ")} failed: ${lastWords(problems.join("\n"), 3)}`);
  }
}
