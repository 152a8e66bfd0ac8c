import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { savesFolder, savesOf } from "../../../scripts/class/save-lab";
import {
  ANN,
  BEN,
  containersOf,
  folder,
  inClass,
  killAll,
  portsOf,
  startInClass,
  startSaving,
  wholeSavesOf,
} from "../support/class";
import { leftovers, w205 } from "../support/lab";
import { localPlace, presto } from "../support/place";
import { Outcome, run, Running, RunOptions, start, until } from "../support/shell";

const CHECKPOINT = "/tmp/checkpoints_for_sword_purchases";
const { gameApi, jupyter } = portsOf(ANN);
const place = localPlace(ANN, { 5000: gameApi, 8888: jupyter });

const inMids = (command: string, options: RunOptions = {}): Promise<Outcome> =>
  run(`docker exec -i lab-${ANN}-mids ${command}`, options);
const hadoop = async (words: string): Promise<string> =>
  (await run(`docker exec lab-${ANN}-cloudera hadoop fs ${words} 2>/dev/null`, { mayFail: true })).output;
const buy = (): Promise<Outcome> =>
  inMids(`ab -q -n 10 -H "Host: user1.comcast.com" http://localhost:5000/purchase_a_sword`);
const submit = (job: string): Promise<Outcome> =>
  run(`docker exec lab-${ANN}-spark spark-submit /w205/full-stack2/${job}.py`);
const newestSave = (): string => join(savesFolder(ANN), savesOf(ANN).at(-1)!);

/** A topic whose beginning is gone, with keys, headers, no value, and bytes that are no text. */
const A_TOPIC_OF_ONES_OWN = `
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
admin = AdminClient({"bootstrap.servers": "kafka:29092"})
settings = {"retention.ms": "-1", "max.message.bytes": "50000"}
admin.create_topics([NewTopic("mine", 2, 1, config=settings)])["mine"].result()
producer = Producer({"bootstrap.servers": "kafka:29092"})
for n in range(20):
    producer.produce(
        "mine",
        partition=n % 2,
        key=f"k{n}",
        value=None if n == 7 else bytes([n, 255, 0]),
        timestamp=1700000000000 + n,
        headers=[("h", f"ü{n}".encode()), ("none", None)],
    )
producer.flush()
place = TopicPartition("mine", 0, 4)
admin.delete_records([place])[place].result()
`;

const A_DATABASE_OF_ONES_OWN = `
create database mine;
create table mine.parts (a string) partitioned by (p string) stored as parquet;
insert into mine.parts partition (p='a b/ü') values ('x'), ('y');
`;

async function playTheGame(): Promise<void> {
  await run(`docker exec -d lab-${ANN}-mids env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0`);
  await until("the game API answers", 30, async () => {
    const { exitCode } = await inMids("curl -s localhost:5000/", { mayFail: true });
    return exitCode === 0;
  });
}

async function stream(): Promise<Running> {
  const running = start(`docker exec lab-${ANN}-spark spark-submit /w205/full-stack2/write_swords_stream.py`);
  await until("the stream has looked at the topic", 90, async () =>
    (await hadoop(`-ls ${CHECKPOINT}/offsets`)).includes("/offsets/0"),
  );
  return running;
}

async function stop(running: Running): Promise<void> {
  await run(`docker exec lab-${ANN}-spark pkill -INT -f write_swords_stream`);
  await running.ended;
}

/** How far the stream has read, in batches that are done. */
async function streamedTo(): Promise<number> {
  const commits = await hadoop(`-ls ${CHECKPOINT}/commits`);
  const batches = [...commits.matchAll(/\/commits\/(\d+)$/gm)].map(([, batch]) => Number(batch));
  if (batches.length === 0) {
    return 0;
  }
  const offsets = (await hadoop(`-cat ${CHECKPOINT}/offsets/${Math.max(...batches)}`)).trim().split("\n").at(-1)!;
  return (JSON.parse(offsets) as { events: Record<string, number> }).events["0"]!;
}

/** Every event with its place, key, headers and time. */
async function events(topic: string): Promise<string> {
  const format = String.raw`%p %o %T %k %h %S %s\n`;
  return (await inMids(`kafkacat -C -b kafka:29092 -t ${topic} -o beginning -e -q -f '${format}'`)).output;
}

/** All that the student has made, row by row. */
async function everything(): Promise<Record<string, unknown>> {
  const rows = async (query: string): Promise<string[]> => (await presto(place, query)).sort();
  const topics = await run(`docker exec lab-${ANN}-kafka kafka-topics --bootstrap-server kafka:29092 --describe`);
  return {
    events: await events("events"),
    mine: (await events("mine")).split("\n").sort(),
    settings: topics.output
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
    parts: await rows("select * from mine.parts"),
    w205: (
      await run("find . -type f -not -name '*.pyc' -not -path './.lab/*' | sort | xargs -d '\\n' sha256sum", {
        cwd: w205(ANN),
      })
    ).output,
    links: (await run("find . -type l -printf '%p %l\\n'", { cwd: w205(ANN) })).output,
  };
}

/** One lab: worked in, saved, taken away with its volumes, made anew, restored, worked in again, a service reset. */
export function savedWork(): void {
  let saved: Record<string, unknown>;
  let streamed: number;

  test("is events, tables, a stream, a topic, a database and files of their own; a save does not stop the stream", async () => {
    await playTheGame();
    await inMids(`ab -q -n 10 -H "Host: user2.att.com" http://localhost:5000/`);
    await buy();
    await submit("write_hive_table");
    await inMids("python3 -", { input: A_TOPIC_OF_ONES_OWN });
    appendFileSync(w205(ANN, "full-stack2", "filtered_writes.py"), "# mine\n");
    await inMids(`sh -c 'mkdir "/w205/my notes" && echo ü > "/w205/my notes/a b.txt" && ln -s /etc/passwd /w205/link'`);
    const beeline = "beeline -u jdbc:hive2://cloudera:10000 --silent=true -f /dev/stdin";
    await run(`docker exec -i lab-${ANN}-cloudera ${beeline}`, { input: A_DATABASE_OF_ONES_OWN });
    const running = await stream();
    const sent = (): Promise<number> => events("events").then((text) => text.split("\n").filter(Boolean).length);
    await buy();
    const all = await sent();
    await until("the stream has it", 60, async () => (await streamedTo()) === all);
    await buy();
    const { output } = await inClass(`save ${ANN}`);
    expect(output).toContain("1 of 1 saved");
    await stop(running);
  });

  test("is graded by a check, which changes nothing", async () => {
    const before = await everything();
    const { exitCode, output } = await inClass(`check ${ANN} --json 2>/dev/null`, { mayFail: true });
    const { labs } = JSON.parse(output) as { labs: { steps: { step: string; done: boolean }[] }[] };
    const done = labs[0]!.steps.filter((step) => step.done).map(({ step }) => step);
    expect(done).toEqual(["1", "4", "6", "8", "12"]);
    expect(exitCode).toBe(3);
    expect(await everything()).toEqual(before);
  });

  test("a save that was killed leaves no archive that is not whole, and the next one clears up after it", async () => {
    let archives = savesOf(ANN);
    for (const seconds of [0, 3 * Math.random()]) {
      const running = await startSaving(`save ${ANN}`, ANN);
      await sleep(seconds * 1000);
      await killAll(running);
      // The second one may have come to its end before.
      archives = seconds === 0 ? archives : savesOf(ANN);
      expect(await wholeSavesOf(ANN)).toEqual(archives);
    }
    await inClass(`save ${ANN}`);
    expect(savesOf(ANN)).toHaveLength(archives.length + 1);
    expect(readdirSync(savesFolder(ANN)).sort()).toEqual(savesOf(ANN));
    expect(await hadoop("-ls /.snapshot")).toBe("");
  });

  test("down, interrupted or killed while it saves, has taken nothing away", async () => {
    const [archives, containers] = [savesOf(ANN), await containersOf(ANN)];
    const interrupted = await startSaving(`down ${ANN}`, ANN);
    interrupted.process.kill("SIGINT");
    const { exitCode, output } = await interrupted.ended;
    expect(exitCode).toBe(130);
    expect(output).toContain(`0 of 1 taken away\n\n${ANN}: interrupted`);
    expect(readdirSync(savesFolder(ANN)).sort()).toEqual(archives);

    await killAll(await startSaving(`down ${ANN}`, ANN));
    expect(savesOf(ANN)).toEqual(archives);
    expect(await containersOf(ANN)).toEqual(containers);
  });

  test("is saved by down once more, and taken away, also when down is killed after its save", async () => {
    saved = await everything();
    streamed = await streamedTo();
    const [archives, services] = [savesOf(ANN).length, (await containersOf(ANN)).length];
    const killed = startInClass(`down ${ANN}`);
    await until("its destroy has begun", 180, () => killed.output().includes("taking away"));
    await until("a service is gone", 60, async () => (await containersOf(ANN)).length < services);
    await killAll(killed);
    expect(await wholeSavesOf(ANN)).toHaveLength(archives + 1);
    const { output } = await inClass(`down ${ANN}`);
    expect(output).toContain("1 of 1 taken away");
    // What is left of a lab is not saved over what was saved of all of it.
    expect(savesOf(ANN)).toHaveLength(archives + 1);
    expect(await leftovers(ANN)).toEqual([]);
  });

  test("comes back into a fresh lab, also after a restore that was killed; a file that was changed since is kept", async () => {
    rmSync(w205(ANN), { recursive: true });
    await inClass(`up ${ANN}`);
    writeFileSync(w205(ANN, "full-stack2", "filtered_writes.py"), "# another\n");

    const damaged = join(folder, "damaged.tar.gz");
    const bytes = readFileSync(newestSave());
    writeFileSync(damaged, bytes.subarray(0, bytes.length - 100));
    const refused = await inClass(`restore ${ANN} ${damaged}`, { mayFail: true });
    expect(refused.exitCode).toBe(2);
    expect(refused.output).toContain("damaged or cut");
    expect(await events("events")).toBe("");

    const killed = startInClass(`restore ${ANN}`);
    await until("it is restoring", 60, () => killed.output().includes("restoring"));
    await sleep(3000 * Math.random());
    await killAll(killed);
    await inClass(`restore ${ANN}`);
    const kept = w205(ANN, "full-stack2", "filtered_writes.kept.py");
    expect(readFileSync(kept, "utf8")).toBe("# another\n");
    rmSync(kept);
    expect(await everything()).toEqual(saved);
    expect((await inClass(`restore ${ANN}`)).output).toContain("all of it was there already");
  });

  test("goes on: the stream is where it was, nothing lost, nothing twice", async () => {
    await playTheGame();
    const before = (await presto(place, "select count(*) from purchases"))[0];
    expect(before).toBe('"10"');
    await buy();
    const lines = (await events("events")).split("\n").filter(Boolean);
    // A stream that begins afresh leaves out what was there before: the first ten purchases.
    const purchases = lines.filter((line) => line.includes("purchase_sword")).length - 10;
    expect(lines.length).toBeGreaterThan(streamed);
    const running = await stream();
    await until("the stream has all", 90, async () => (await streamedTo()) === lines.length);
    await stop(running);
    const read = "print('rows:', spark.read.parquet('/tmp/sword_purchases').count())";
    const script = `from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n${read}\n`;
    await place.write("count.py", script);
    expect((await run(`docker exec lab-${ANN}-spark spark-submit /w205/count.py`)).output).toContain(
      `rows: ${purchases}`,
    );
  });

  test("a lab that has more than the archive is refused, and what it has is kept when it is replaced", async () => {
    const refused = await inClass(`restore ${ANN}`, { mayFail: true });
    expect(refused.exitCode).toBe(4);
    expect(refused.output).toMatch(/topic events has \d+ events after the archive's last/);
    const [archives, archive] = [savesOf(ANN).length, newestSave()];
    await inClass(`restore ${ANN} ${archive} --replace`);
    expect(savesOf(ANN)).toHaveLength(archives + 1);
    rmSync(w205(ANN, "count.py"));
    expect(await everything()).toEqual(saved);
  });

  test("one service goes back to its start, and the others keep what they have", async () => {
    const others = await containersOf(BEN);
    const unsure = await inClass(`reset ${ANN} kafka`, { mayFail: true });
    expect(unsure.exitCode).toBe(4);
    expect(unsure.output).toMatch(/events \(\d+ events\)/);
    const { output } = await inClass(`reset ${ANN} kafka --yes`);
    expect(output).toContain("1 of 1 reset");
    expect(await events("events")).toBe("");
    const topics = await run(`docker exec lab-${ANN}-kafka kafka-topics --bootstrap-server kafka:29092 --list`);
    expect(topics.output.split("\n")).toContain("events");
    expect(topics.output.split("\n")).not.toContain("mine");
    expect(await presto(place, "select count(*) from purchases")).toEqual(['"10"']);
    expect(await containersOf(BEN)).toEqual(others);
    // What was saved before the reset brings it back.
    await inClass(`restore ${ANN}`);
    expect(await everything()).toEqual(saved);
  });
}
