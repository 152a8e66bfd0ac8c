import { setTimeout as sleep } from "node:timers/promises";
import { Place, presto } from "./support/place";
import { Running, until } from "./support/shell";

const FLASK = "docker-compose exec mids env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0";
const WATCH = "docker-compose exec mids kafkacat -C -b kafka:29092 -t events -o beginning";
const AB = (host: string, path: string): string =>
  `docker-compose exec mids ab -n 10 -H "Host: ${host}" http://localhost:5000/${path}`;
const SUBMIT = (job: string): string => `docker-compose exec spark spark-submit /w205/full-stack2/${job}.py`;
const CHECKPOINT = "/tmp/checkpoints_for_sword_purchases";

/** Every step of the class notes, in their order, with what each must show. */
export function exercise(place: Place): void {
  let flask: Running;

  /** The events on the topic, as kafkacat prints them. */
  async function events(topic = "events"): Promise<string[]> {
    const command = `docker-compose exec -T mids kafkacat -C -b kafka:29092 -t ${topic} -o beginning -e -q`;
    return (await place.run(command)).output.split("\n").filter(Boolean);
  }

  beforeAll(async () => {
    flask = place.typeAndLeave(FLASK, { timeoutSeconds: 1800 });
    await until("flask run listens", 30, () => flask.output().includes("Running on"));
  });

  afterAll(async () => {
    await flask.interrupt();
  });

  test("3. 40 events are sent with spoofed hosts", async () => {
    for (const host of ["user1.comcast.com", "user2.att.com"]) {
      for (const path of ["", "purchase_a_sword"]) {
        const { output } = await place.type(AB(host, path));
        expect(output).toMatch(/Complete requests:\s+10\n/);
        expect(output).toMatch(/Failed requests:\s+0\n/);
      }
    }
  });

  test("2. kafkacat shows them as they come", async () => {
    const watching = place.typeAndLeave(WATCH);
    const seen = (): string[] =>
      watching
        .output()
        .split("\n")
        .filter((line) => line.startsWith("{"));
    await until("40 events on the screen", 30, () => seen().length === 40);
    await watching.interrupt();
    const parsed = seen().map((line) => JSON.parse(line) as Record<string, string>);
    expect(parsed.filter(({ event_type }) => event_type === "purchase_sword")).toHaveLength(20);
    expect(parsed.filter(({ event_type }) => event_type === "default")).toHaveLength(20);
    for (const event of parsed) {
      expect(event).toEqual({
        event_type: expect.any(String) as string,
        Host: expect.stringMatching(/^user1.comcast.com$|^user2.att.com$/) as string,
        "User-Agent": expect.stringContaining("ApacheBench") as string,
        Accept: "*/*",
      });
    }
  });

  test("4. filtered_writes puts the purchases into HDFS", async () => {
    const { output } = await place.type(SUBMIT("filtered_writes"));
    for (const column of ["Accept", "Host", "User-Agent", "event_type", "timestamp"]) {
      expect(output).toContain(`|-- ${column}: string`);
    }
    expect(output).toContain("purchase_sword");
  });

  test("5. hadoop fs shows them", async () => {
    expect((await place.type("docker-compose exec cloudera hadoop fs -ls /tmp/")).output).toContain("/tmp/purchases");
    const { output } = await place.type("docker-compose exec cloudera hadoop fs -ls /tmp/purchases/");
    expect(output).toContain("/tmp/purchases/_SUCCESS");
    expect(output).toMatch(/\.parquet/);
  });

  test("6. Hive reads every column of purchases2", async () => {
    const ddl = await place.read("full-stack2/purchases2.sql");
    const statements = `${ddl}\nselect * from purchases2;\nselect count(*) from purchases2;\n`;
    const { output } = await place.run("docker-compose exec -T cloudera hive 2>&1", { input: statements });
    const rows = output.split("\n").filter((line) => line.includes("\tpurchase_sword\t"));
    expect(rows).toHaveLength(20);
    for (const row of rows) {
      const [accept, host, agent, kind, time] = row.split("\t");
      expect(accept).toBe("*/*");
      expect(host).toMatch(/^user1.comcast.com$|^user2.att.com$/);
      expect(agent).toContain("ApacheBench");
      expect(kind).toBe("purchase_sword");
      expect(time).toMatch(/^\d{4}-\d\d-\d\d /);
    }
    expect(output).toMatch(/^20$/m);
  });

  test("6. beeline answers over JDBC, with work for MapReduce", async () => {
    const query = "select Host, count(*) from purchases2 group by Host";
    const { output } = await place.type(
      `docker-compose exec cloudera beeline -u jdbc:hive2://cloudera:10000 --outputformat=tsv2 -e "${query}"`,
    );
    expect(output).toMatch(/user1.comcast.com\t10/);
    expect(output).toMatch(/user2.att.com\t10/);
  });

  test("7. pyspark takes what the notes type", async () => {
    const typed = [
      "purchases = spark.read.parquet('/tmp/purchases')",
      "purchases.show()",
      "purchases.registerTempTable('purchases')",
      "purchases_by_example2 = spark.sql(\"select * from purchases where Host = 'user1.comcast.com'\")",
      "purchases_by_example2.show()",
      "df = purchases_by_example2.toPandas()",
      "print('rows in Pandas:', len(df))",
      "q = \"create external table purchase_events stored as parquet location '/tmp/purchase_events' as select * from purchases\"",
      "spark.sql(q)",
      "exit()",
    ].join("\n");
    const { output } = await place.type("docker-compose exec spark pyspark", { input: `${typed}\n` });
    expect(output).toContain("rows in Pandas: 10");
    expect(await presto(place, "select count(*) from purchase_events")).toEqual(['"20"']);
  });

  test("8. write_hive_table makes the table, also a second time", async () => {
    await place.type(SUBMIT("write_hive_table"));
    await place.type(SUBMIT("write_hive_table"));
    expect(await presto(place, "select count(*) from purchases")).toEqual(['"20"']);
  });

  test("9. Presto shows the tables and 20 rows with every column filled", async () => {
    expect(await presto(place, "show tables")).toEqual(expect.arrayContaining(['"purchases"', '"purchases2"']));
    expect(await presto(place, "describe purchases")).toEqual(
      ["accept", "host", "user-agent", "event_type", "timestamp"].map(
        (name) => expect.stringContaining(`"${name}","varchar"`) as string,
      ),
    );
    const rows = await presto(place, "select * from purchases");
    expect(rows).toHaveLength(20);
    for (const row of rows) {
      expect(row).toMatch(/^"\*\/\*","user\d.(comcast|att).com","ApacheBench\/[\d.]+","purchase_sword","\d{4}-.+"$/);
    }
  });

  test("9. Presto at its prompt", async () => {
    const prompt = place.typeAndLeave(
      "docker-compose exec presto presto --server presto:8080 --catalog hive --schema default",
    );
    await until("the prompt", 30, () => prompt.output().includes("presto:default>"));
    prompt.process.stdin!.write("select count(*) as swords from purchases;\n");
    await until("an answer", 30, () => /swords\s*\n-+\s*\n\s*20/.test(prompt.output()));
    prompt.process.stdin!.write("quit\n");
    expect((await prompt.ended).exitCode).toBe(0);
  });

  test("10. filter_swords_batch prints its schema and rows", async () => {
    const { output } = await place.type(SUBMIT("filter_swords_batch"));
    for (const column of ["raw_event", "timestamp", "Accept", "Host", "User-Agent", "event_type"]) {
      expect(output).toContain(`|-- ${column}: string`);
    }
    expect(output.match(/\|purchase_sword/g)).toHaveLength(20);
  });

  test("11. filter_swords_stream shows new purchases until it is stopped", async () => {
    const stream = place.typeAndLeave(SUBMIT("filter_swords_stream"));
    await until("the first, empty batch", 60, () => stream.output().includes("Batch: 0"));
    await place.type(AB("user1.comcast.com", "purchase_a_sword"));
    await until(
      "10 purchases on the screen",
      30,
      () => (stream.output().match(/\|purchase_sword/g) ?? []).length === 10,
    );
    const { output } = await stream.interrupt();
    expect(output).not.toContain("Traceback");
  });

  test("12. write_swords_stream goes on from its checkpoint: nothing lost, nothing twice", async () => {
    const files = async (): Promise<number> => {
      const { output } = await place.run("docker-compose exec -T cloudera hadoop fs -ls /tmp/sword_purchases", {
        mayFail: true,
      });
      return (output.match(/\.parquet/g) ?? []).length;
    };
    const rows = `spark.read.parquet('/tmp/sword_purchases').count()`;
    const buy = (): Promise<unknown> => place.type(AB("user1.comcast.com", "purchase_a_sword"));

    let stream = place.typeAndLeave(SUBMIT("write_swords_stream"), { timeoutSeconds: 900 });
    // It takes what comes after its first look at the topic: that look is then in its checkpoint.
    await until("the stream has looked at the topic", 60, () => exists(`${CHECKPOINT}/offsets/0`));
    await buy();
    await until("a first file", 60, async () => (await files()) > 0);
    const before = await files();
    await buy();
    await until("more files", 40, async () => (await files()) > before);
    await stream.interrupt();
    // These come while no stream runs: the checkpoint must bring them.
    await buy();
    stream = place.typeAndLeave(SUBMIT("write_swords_stream"), { timeoutSeconds: 900 });
    const afterStop = await files();
    await until("the files of what came meanwhile", 60, async () => (await files()) > afterStop);
    // A stream that is killed with a batch in its hands.
    await place.run("docker-compose exec -T spark pkill -9 -f write_swords_stream", { mayFail: true });
    await stream.ended;
    await buy();
    stream = place.typeAndLeave(SUBMIT("write_swords_stream"), { timeoutSeconds: 900 });
    const afterKill = await files();
    await until("the files of what came after the kill", 60, async () => (await files()) > afterKill);
    // The first of them may be the killed batch, written again: what came after it is in the next one.
    const end = (await events()).length;
    await until("the last event in a batch that is done", 60, async () => (await committed()) === end);
    await stream.interrupt();
    const { output } = await place.type("docker-compose exec spark pyspark", {
      input: `print('stream rows:', ${rows})\nexit()\n`,
    });
    const written = Number(/stream rows: (\d+)/.exec(output)?.[1]);
    expect(written).toBe(40);
  });

  test("1. the two routes answer as the notes say, also from the host", async () => {
    const url = place.page(5000);
    expect(await (await fetch(`${url}/`)).text()).toMatch(/^This is the default response!\s*$/);
    expect(await (await fetch(`${url}/purchase_a_sword`)).text()).toMatch(/^Sword Purchased!\s*$/);
  });

  test("broken events never break a job: they are left out, and counted", async () => {
    const broken = [
      "not json",
      "[1, 2]",
      "{}",
      '{"event_type": 7}',
      '{"Host": "x"}',
      '{"event_type": "guild"}',
      '"text"',
    ];
    const produce = `docker-compose exec -T mids kafkacat -P -b kafka:29092 -t events`;
    await place.run(produce, { input: broken.join("\n") });
    await place.run(`docker-compose exec -T mids kafkacat -P -b kafka:29092 -t events -Z -K:`, { input: "key:\n" });
    const purchases = (await events()).filter((line) => line.includes('"purchase_sword"')).length;
    for (const job of ["filtered_writes", "write_hive_table", "filter_swords_batch"]) {
      expect((await place.type(SUBMIT(job))).output).toMatch(/left out: \d+/i);
    }
    expect(await presto(place, "select count(*) from purchases")).toEqual([`"${purchases}"`]);
  });

  test("13. JupyterLab answers with its token alone, and a notebook runs Spark", async () => {
    const url = place.page(8888);
    const token = place.token();
    expect((await fetch(`${url}/api/contents`)).status).toBe(403);
    expect((await fetch(`${url}/api/contents?token=wrong`)).status).toBe(403);
    expect((await fetch(`${url}/api/contents?token=${token}`)).status).toBe(200);
    const cells = ["df = spark.read.parquet('/tmp/purchases').toPandas()", "print('columns:', list(df.columns))"];
    const notebook = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: "pyspark", display_name: "PySpark", language: "python" } },
      cells: cells.map((source, i) => ({
        cell_type: "code",
        id: `c${i}`,
        source,
        metadata: {},
        outputs: [],
        execution_count: null,
      })),
    };
    await place.write("trial.ipynb", JSON.stringify(notebook));
    await place.run("docker-compose exec -T spark jupyter execute --inplace /w205/trial.ipynb");
    expect(await place.read("trial.ipynb")).toContain("'Host', 'User-Agent'");
  });

  test("the game API stops at once and says so to nobody else", async () => {
    await flask.interrupt();
    await sleep(500);
    const { output } = await place.run("docker-compose exec -T mids pgrep -fc 'flask [r]un'", { mayFail: true });
    expect(output.trim()).toBe("0");
  });

  test("under load it runs under a production server, and each answered request's event is there", async () => {
    const before = (await events()).length;
    const granian = place.typeAndLeave(
      "docker-compose exec -w /w205/full-stack mids " +
        "granian --interface wsgi --host 0.0.0.0 --port 5000 --workers 2 --blocking-threads 16 game_api:app",
    );
    await until("granian serves", 30, () => (granian.output().match(/Started worker/g) ?? []).length === 2);
    const { output } = await place.run("docker-compose exec -T mids ab -n 200 -c 16 http://localhost:5000/");
    expect(output).toMatch(/Complete requests:\s+200\n/);
    expect(output).toMatch(/Failed requests:\s+0\n/);
    expect(output).not.toContain("Non-2xx");
    const stopped = await granian.interrupt();
    expect(stopped.output.match(/Stopped worker/g)).toHaveLength(2);
    expect(await events()).toHaveLength(before + 200);
  });

  /** How many of the topic's events the stream has read in batches that are done, by its checkpoint. */
  async function committed(): Promise<number> {
    const hadoop = (words: string): Promise<{ output: string }> =>
      place.run(`docker-compose exec -T cloudera hadoop fs ${words} 2>/dev/null`, { mayFail: true });
    const { output: commits } = await hadoop(`-ls ${CHECKPOINT}/commits`);
    const last = Math.max(...[...commits.matchAll(/\/commits\/(\d+)$/gm)].map(([, batch]) => Number(batch)));
    const offsets = (await hadoop(`-cat ${CHECKPOINT}/offsets/${last}`)).output.trim().split("\n").at(-1)!;
    const { events: partitions } = JSON.parse(offsets) as { events: Record<string, number> };
    return Object.values(partitions).reduce((sum, offset) => sum + offset, 0);
  }

  async function exists(path: string): Promise<boolean> {
    const command = `docker-compose exec -T cloudera hadoop fs -test -e ${path}`;
    return (await place.run(command, { mayFail: true })).exitCode === 0;
  }
}
