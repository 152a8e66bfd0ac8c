import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { savesFolder, savesOf } from "../../scripts/class/save-lab";
import { leftovers, presto, sweep, w205 } from "./support/lab";
import { Outcome, run, Running, RunOptions, start, until } from "./support/shell";

/** A student's lab: worked in, saved, destroyed with its volumes, made anew, restored, worked in again, reset. */
const LAB = "data-e2e";
const PORTS = { gameApi: 16180, jupyter: 16181 };
const CHECKPOINT = "/tmp/checkpoints_for_sword_purchases";

const folder = mkdtempSync(join(tmpdir(), "fullstack-lab-save-"));
const classFile = join(folder, "class.yaml");
const environment = { CLASS_FILE: classFile, CHECKPOINT_DISABLE: "1" };

const inClass = (words: string, options: RunOptions = {}): Promise<Outcome> =>
  run(`npm run --silent class -- ${words}`, { timeoutSeconds: 1200, ...options, env: environment });
const inMids = (command: string, options: RunOptions = {}): Promise<Outcome> =>
  run(`docker exec -i lab-${LAB}-mids ${command}`, options);
const hadoop = async (words: string): Promise<string> =>
  (await run(`docker exec lab-${LAB}-cloudera hadoop fs ${words} 2>/dev/null`, { mayFail: true })).output;
const buy = (): Promise<Outcome> =>
  inMids(`ab -q -n 10 -H "Host: user1.comcast.com" http://localhost:5000/purchase_a_sword`);
const submit = (job: string): Promise<Outcome> =>
  run(`docker exec lab-${LAB}-spark spark-submit /w205/full-stack2/${job}.py`);

/** Some Python in mids, with Kafka's client. */
const python = (text: string): Promise<Outcome> =>
  inMids("python3 -", { input: `from confluent_kafka import *\nfrom confluent_kafka.admin import *\n${text}` });

async function stream(): Promise<Running> {
  const job = `spark-submit /w205/full-stack2/write_swords_stream.py`;
  const running = start(`docker exec lab-${LAB}-spark ${job}`, { timeoutSeconds: 900 });
  await until("the stream has looked at the topic", 90, async () =>
    (await hadoop(`-ls ${CHECKPOINT}/offsets`)).includes("/offsets/0"),
  );
  return running;
}

async function stop(running: Running): Promise<void> {
  await run(`docker exec lab-${LAB}-spark pkill -INT -f write_swords_stream`);
  await running.ended;
}

/** How far the stream has read, in batches that are done. */
async function streamedTo(): Promise<number> {
  const commits = await hadoop(`-ls ${CHECKPOINT}/commits`);
  const last = Math.max(...[...commits.matchAll(/\/commits\/(\d+)$/gm)].map(([, batch]) => Number(batch)));
  const offsets = (await hadoop(`-cat ${CHECKPOINT}/offsets/${last}`)).trim().split("\n").at(-1)!;
  return (JSON.parse(offsets) as { events: Record<string, number> }).events["0"]!;
}

/** Every event with its place, key, headers and time. */
async function events(topic: string): Promise<string> {
  const format = String.raw`%p %o %T %k %h %S %s\n`;
  return (await inMids(`kafkacat -C -b kafka:29092 -t ${topic} -o beginning -e -q -f '${format}'`)).output;
}

/** All that a student has made, row by row. */
async function everything(): Promise<Record<string, unknown>> {
  const rows = async (query: string): Promise<string[]> => (await presto(LAB, query)).sort();
  return {
    events: await events("events"),
    mine: (await events("mine")).split("\n").sort(),
    settings: (await run(`docker exec lab-${LAB}-kafka kafka-topics --bootstrap-server kafka:29092 --describe`)).output
      .replaceAll(/TopicId: \S+/g, "")
      .split("\n")
      .filter((line) => !line.includes("__consumer_offsets"))
      .sort(),
    files: (await hadoop("-ls -R /tmp /user"))
      .split("\n")
      .filter((line) => line.startsWith("-") && !line.includes("/tmp/hive"))
      .sort(),
    tables: await rows("show tables"),
    purchases: await rows("select * from purchases"),
    purchases2: await rows("select * from purchases2"),
    parts: await rows("select * from mine.parts"),
    w205: (
      await run("find . -type f -not -name '*.pyc' -not -path './.lab/*' | sort | xargs -d '\\n' sha256sum", {
        cwd: w205(LAB),
      })
    ).output,
    links: (await run("find . -type l -printf '%p %l\\n'", { cwd: w205(LAB) })).output,
  };
}

async function playTheGame(): Promise<void> {
  const flask = `env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0`;
  await run(`docker exec -d lab-${LAB}-mids ${flask}`);
  await until("the game API answers", 30, async () => {
    const { exitCode } = await inMids("curl -s localhost:5000/", { mayFail: true });
    return exitCode === 0;
  });
}

beforeAll(async () => {
  await sweep([LAB]);
  const services = { mids: { gameApiPort: PORTS.gameApi }, spark: { jupyterPort: PORTS.jupyter } };
  writeFileSync(classFile, JSON.stringify({ students: [{ id: LAB, services }] }));
  await inClass(`up ${LAB}`, { timeoutSeconds: 2400 });
}, 2_500_000);

afterAll(async () => {
  await sweep([LAB]);
  rmSync(folder, { recursive: true, force: true });
  expect(await leftovers(LAB)).toEqual([]);
});

let saved: Record<string, unknown>;
let streamed: number;

test("a student works: events, tables, a stream, topics and files of their own", async () => {
  await playTheGame();
  await inMids(`ab -q -n 10 -H "Host: user2.att.com" http://localhost:5000/`);
  await inMids(`ab -q -n 10 -H "Host: user2.att.com" http://localhost:5000/purchase_a_sword`);
  await submit("write_hive_table");
  // A topic whose beginning is gone, with keys, headers, no value, and bytes that are no text.
  await python(`
a = AdminClient({"bootstrap.servers": "kafka:29092"})
a.create_topics([NewTopic("mine", 2, 1, config={"retention.ms": "-1", "max.message.bytes": "50000"})])["mine"].result()
p = Producer({"bootstrap.servers": "kafka:29092"})
for n in range(20):
    p.produce("mine", partition=n % 2, key=f"k{n}", value=None if n == 7 else bytes([n, 255, 0]), timestamp=1700000000000 + n, headers=[("h", f"ü{n}".encode()), ("none", None)])
p.flush()
place = TopicPartition("mine", 0, 4)
a.delete_records([place])[place].result()
`);
  appendFileSync(w205(LAB, "full-stack2", "filtered_writes.py"), "# mine\n");
  await inMids(`sh -c 'mkdir "/w205/my notes" && echo ü > "/w205/my notes/a b.txt" && ln -s /etc/passwd /w205/link'`);
  await run(`docker exec -i lab-${LAB}-cloudera beeline -u jdbc:hive2://cloudera:10000 --silent=true -f /dev/stdin`, {
    input: `create database mine;
create table mine.parts (a string) partitioned by (p string) stored as parquet;
insert into mine.parts partition (p='a b/ü') values ('x'), ('y');
`,
  });
  const running = await stream();
  await buy();
  await until("the stream has it", 60, async () => (await streamedTo()) === 30);
  await buy();
  const { output } = await inClass(`save ${LAB}`);
  expect(output).toContain("1 of 1 saved");
  await stop(running);
});

test("a check grades it, and changes nothing", async () => {
  const before = await everything();
  const { exitCode, output } = await inClass(`check ${LAB} --json`, { mayFail: true });
  const { labs } = JSON.parse(output) as { labs: { steps: { step: string; done: boolean }[] }[] };
  const done = labs[0]!.steps.filter((step) => step.done).map(({ step }) => step);
  expect(done).toEqual(["1", "3", "4", "6", "8", "12"]);
  expect(exitCode).toBe(3);
  expect(await everything()).toEqual(before);
});

test("a save that was killed leaves no archive, and the next one clears up after it", async () => {
  saved = await everything();
  streamed = await streamedTo();
  const first = savesOf(LAB);
  for (const ms of [1500, 3000]) {
    const killed = start(`exec npx tsx scripts/class.ts save ${LAB}`, { env: environment });
    await sleep(ms);
    process.kill(-killed.process.pid!, "SIGKILL");
    await killed.ended;
    expect(savesOf(LAB)).toEqual(first);
  }
  await inClass(`save ${LAB}`);
  expect(readdirSync(savesFolder(LAB)).sort()).toEqual([...first, savesOf(LAB).at(-1)].sort());
  expect(await hadoop("-ls /.snapshot")).toBe("");
});

test("a fresh lab takes it back, also after a restore that was killed", async () => {
  await run(`npx cdktf destroy ${LAB} --auto-approve`, { env: { ...environment, CI: "true" }, timeoutSeconds: 300 });
  expect(await leftovers(LAB)).toEqual([]);
  rmSync(w205(LAB), { recursive: true });
  await inClass(`up ${LAB}`);

  const archive = join(savesFolder(LAB), savesOf(LAB).at(-1)!);
  const damaged = join(folder, "damaged.tar.gz");
  const bytes = readFileSync(archive);
  writeFileSync(damaged, bytes.subarray(0, bytes.length - 100));
  const refused = await inClass(`restore ${LAB} ${damaged}`, { mayFail: true });
  expect(refused.exitCode).toBe(2);
  expect(refused.output).toContain("damaged or cut");
  expect(await events("events")).toBe("");

  const killed = start(`exec npx tsx scripts/class.ts restore ${LAB}`, { env: environment });
  await until("it is restoring", 60, () => killed.output().includes("restoring"));
  await sleep(500);
  process.kill(-killed.process.pid!, "SIGKILL");
  await killed.ended;
  await inClass(`restore ${LAB}`);
  expect(await everything()).toEqual(saved);
  expect((await inClass(`restore ${LAB}`)).output).toContain("all of it was there already");
});

test("the stream goes on where it was: nothing lost, nothing twice", async () => {
  await playTheGame();
  await buy();
  const running = await stream();
  await until("the stream has all", 90, async () => (await streamedTo()) === streamed + 10 + (40 - streamed));
  await stop(running);
  const script = "print('rows:', spark.read.parquet('/tmp/sword_purchases').count())";
  const read = `from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n${script}\n`;
  writeFileSync(w205(LAB, "count.py"), read);
  expect((await run(`docker exec lab-${LAB}-spark spark-submit /w205/count.py`)).output).toContain("rows: 30");
});

test("a lab that has more than the archive is refused, and keeps it when it is replaced", async () => {
  const refused = await inClass(`restore ${LAB}`, { mayFail: true });
  expect(refused.exitCode).toBe(4);
  expect(refused.output).toContain("topic events has 10 events after the archive's last");
  const archives = savesOf(LAB).length;
  const archive = join(savesFolder(LAB), savesOf(LAB).at(-1)!);
  await inClass(`restore ${LAB} ${archive} --replace`);
  expect(savesOf(LAB)).toHaveLength(archives + 1);
  rmSync(w205(LAB, "count.py"));
  expect(await everything()).toEqual(saved);
});

test("a service goes back to its start, the others keep what they have", async () => {
  const unsure = await inClass(`reset ${LAB} kafka`, { mayFail: true });
  expect(unsure.exitCode).toBe(4);
  expect(unsure.output).toContain("events (40 events)");
  const { output } = await inClass(`reset ${LAB} kafka --yes`);
  expect(output).toContain("1 of 1 reset");
  const after = await everything().catch(async () => ({ events: await events("events") }));
  expect(after.events).toBe("");
  const topics = await run(`docker exec lab-${LAB}-kafka kafka-topics --bootstrap-server kafka:29092 --list`);
  expect(topics.output).not.toContain("mine");
  expect(topics.output).toContain("events");
  expect(await presto(LAB, "select count(*) from purchases")).toEqual(['"10"']);
  // What was saved before the reset brings it back.
  await inClass(`restore ${LAB}`);
  expect(await everything()).toEqual(saved);
});
