import { appendFileSync, chownSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../../platform/repository";
import { ALICE, cdktf, deploy, labFolder, planned, placeOf, runLab, startDeploy, startLab, w205 } from "./support/lab";
import { presto } from "./support/place";
import { run, until } from "./support/shell";

const lab = ALICE;
const inLab = { cwd: labFolder(lab) };
const inStack = { cwd: join(REPOSITORY, "cdktf.out", "stacks", lab) };

/** Events, rows and files of the student: what must never be lost. */
async function data(): Promise<Record<string, string>> {
  const kcat = "docker-compose exec -T mids kafkacat -C -b kafka:29092 -t events -o beginning -e -q";
  const hdfs = "docker-compose exec -T cloudera hadoop fs -cat /user/science/mark";
  const [events, file, rows] = await Promise.all([
    run(`${kcat} | wc -l`, inLab),
    run(hdfs, inLab),
    presto(placeOf(lab), "select count(*) from purchases"),
  ]);
  return { events: events.output.trim(), file: file.output.trim(), rows: rows.join() };
}

/** What goes wrong with a lab in a term, and the next deploy that mends it. */
export function repair(): void {
  let before: Record<string, string>;
  beforeAll(async () => {
    await run("echo precious | docker-compose exec -T cloudera hadoop fs -put -f - /user/science/mark", inLab);
    before = await data();
    expect(Number(before.events)).toBeGreaterThan(40);
  });

  test("a second deploy changes nothing", async () => {
    expect(planned(await deploy(lab))).toBe("nothing");
    const { output } = await cdktf(`diff ${lab}`);
    expect(output).toContain("No changes.");
  });

  test("nor does npm run lab, which says what to type next", async () => {
    const { output } = await runLab(lab);
    expect(output).toContain("Apply complete! Resources: 0 added, 0 changed, 0 destroyed.");
    expect(output).toContain("docker-compose exec spark spark-submit");
    expect(output).toMatch(/http:\/\/127\.0\.0\.1:18000\/\?token=\w+\n$/);
  });

  test("Ctrl-C lets npm run lab end in order, and the next one goes on", async () => {
    await run(`docker kill lab-${lab}-kafka`);
    const first = startLab(lab);
    await until("the lab is being mended", 120, () => /kafka_ready_step\S*: Creating/.test(first.output()));
    const { exitCode, output } = await first.interrupt();
    expect(exitCode).toBe(1);
    // A bracket, so that the command does not find itself.
    const steps = `pgrep -fa '[s]tep.*lab-${lab}-'`;
    await until("nothing of its steps goes on", 10, async () => (await run(steps, { mayFail: true })).output === "");
    expect(output).toContain("Terraform ends what it is at, and keeps its state; please wait.");
    expect(output).toContain(`The deploy of "${lab}" failed. Mend it and type \`npm run lab -- ${lab}\` again`);
    expect((await runLab(lab)).output).toContain("canary: green");
    expect(await data()).toEqual(before);
  });

  test("a killed service is started again, and waited for", async () => {
    await run(`docker kill lab-${lab}-kafka`);
    const { output } = await deploy(lab);
    expect(output).toContain(`lab-${lab}-kafka is ready`);
    expect(output).toContain("canary: green");
    expect(await data()).toEqual(before);
  });

  test("removed containers come back with their data", async () => {
    await run(`docker rm -f lab-${lab}-cloudera lab-${lab}-zookeeper lab-${lab}-mids`);
    await deploy(lab);
    expect(await data()).toEqual(before);
  });

  test("a removed network comes back, with everybody on it", async () => {
    const name = `lab-${lab}`;
    await run(`for c in $(docker ps -q --filter name=${name}-); do docker network disconnect -f ${name} $c; done`);
    await run(`docker network rm ${name}`);
    await deploy(lab);
    expect(await data()).toEqual(before);
  });

  test("a network that Terraform lost sight of, as a deploy does that is killed, is taken up with everybody on it", async () => {
    const name = `lab-${lab}`;
    const containers = `docker ps --no-trunc -q --filter name=${name}- | sort`;
    const [network, attached] = [await run(`docker network inspect -f '{{.Id}}' ${name}`), await run(containers)];
    const { output: known } = await run("terraform state list", inStack);
    const lost = known.split("\n").filter((address) => /\.lab_network(-identity)?_\w{8}$/.test(address));
    expect(lost).toHaveLength(2);
    await run(`terraform state rm ${lost.join(" ")}`, inStack);
    expect((await deploy(lab)).output).toContain("1 imported");
    expect(await run(`docker network inspect -f '{{.Id}}' ${name}`)).toEqual(network);
    expect(await run(containers)).toEqual(attached);
    expect(planned(await deploy(lab))).toBe("nothing");
  });

  test("docker-compose down, then a deploy: all is back, data in place", async () => {
    await run("docker-compose down", inLab);
    expect((await run(`docker ps -aq --filter name=lab-${lab}-`)).output).toBe("");
    await deploy(lab);
    expect(await data()).toEqual(before);
    expect(planned(await deploy(lab))).toBe("nothing");
  });

  test("a lost ZooKeeper volume loses no event", async () => {
    await run(`docker rm -f lab-${lab}-zookeeper && docker volume rm lab-${lab}-zookeeper-data`);
    await deploy(lab);
    await run(`docker restart lab-${lab}-kafka`);
    await until("Kafka has its events", 60, async () => (await data()).events === before.events);
  });

  test("a lost metastore volume: the hooks that filled it run again", async () => {
    await run(`docker rm -f lab-${lab}-cloudera && docker volume rm lab-${lab}-cloudera-metastore`);
    const { output } = await deploy(lab);
    expect(output).toContain('hook "ddl" done');
    expect(output).not.toContain('hook "topics" done');
    expect(await presto(placeOf(lab), "show tables")).toContain('"purchases2"');
    // The table of the student's own job comes back with the job.
    await run("docker-compose exec -T spark spark-submit /w205/full-stack2/write_hive_table.py", inLab);
    expect((await data()).file).toBe("precious");
  });

  test("restarts in any order lose nothing", async () => {
    const expected = await data();
    for (const order of [
      ["kafka", "cloudera", "zookeeper", "presto"],
      ["presto", "zookeeper", "cloudera", "kafka"],
    ]) {
      for (const service of order) {
        await run(`docker kill lab-${lab}-${service} && docker start lab-${lab}-${service}`);
      }
      for (const service of order) {
        await run(`docker exec lab-${lab}-${service} wait-healthy 90`);
      }
      await until("all data are there", 60, async () => {
        try {
          return JSON.stringify(await data()) === JSON.stringify(expected);
        } catch {
          return false;
        }
      });
    }
  });

  test("Presto answers a query as soon as it says that it is healthy", async () => {
    const { rows } = await data();
    await run(`docker restart lab-${lab}-presto`);
    const query =
      "presto --server presto:8080 --catalog hive --schema default --execute 'select count(*) from purchases'";
    const { output } = await run(`docker exec lab-${lab}-presto sh -c "wait-healthy 90 && ${query}"`);
    expect(output.trim()).toBe(rows);
  });

  test("a deploy that was interrupted in the middle: the next one ends it", async () => {
    await run("docker-compose down", inLab);
    const first = startDeploy(lab);
    await until(
      "containers are being made",
      120,
      () => first.output().includes("docker_container") && first.output().includes("Creation complete"),
    );
    await first.interrupt();
    // Terraform goes on for a while after cdktf was ended, and holds the state until then.
    await until("Terraform has let go of the state", 180, async () => {
      const { exitCode, output } = await deploy(lab, { mayFail: true });
      return exitCode === 0 || !output.includes("Error acquiring the state lock");
    });
    await deploy(lab);
    expect(planned(await deploy(lab))).toBe("nothing");
  });

  test("a hook's result that is gone is named by the canary, and one command brings it back", async () => {
    await run("docker-compose exec -T cloudera hadoop fs -rm -r -skipTrash /user/hive/warehouse", inLab);
    const canary = await run(`npm run --silent canary -- ${lab}`, { mayFail: true });
    expect(canary.exitCode).not.toBe(0);
    expect(canary.output).toContain("/user/hive/warehouse");
    expect(canary.output).toContain(`npm run hook -- ${lab} folders`);
    await run(`npm run --silent hook -- ${lab} folders`);
    expect((await run(`npm run --silent canary -- ${lab}`)).output).toContain("canary: green");
  });

  test("the canary leaves nothing behind", async () => {
    const [topics, files, tables, processes] = await Promise.all([
      run("docker-compose exec -T kafka kafka-topics --bootstrap-server kafka:29092 --list", inLab),
      run("docker-compose exec -T cloudera hadoop fs -ls -R /tmp /user /system", { ...inLab, mayFail: true }),
      presto(placeOf(lab), "show tables"),
      run("docker-compose exec -T mids ps -e -o args", inLab),
    ]);
    for (const text of [topics.output, files.output, tables.join("\n"), processes.output]) {
      expect(text).not.toMatch(/canary/i);
    }
  });

  test("a student's edited job is never overwritten: the new original lies beside it, and the deploy says so", async () => {
    const original = join(REPOSITORY, "jobs/w205/full-stack2/filtered_writes.py");
    const kept = readFileSync(original, "utf8");
    const mine = w205(lab, "full-stack2", "filtered_writes.py");
    appendFileSync(mine, "# mine\n");
    try {
      writeFileSync(original, `${kept}# a newer original\n`);
      const { output } = await deploy(lab);
      expect(output).toMatch(/filtered_writes/);
      expect(readFileSync(mine, "utf8")).toContain("# mine");
      const beside = (await run(`grep -rl "a newer original" ${w205(lab)}`)).output.trim().split("\n");
      expect(beside).toHaveLength(1);
      expect(beside[0]).not.toBe(mine);
      rmSync(beside[0]!);
    } finally {
      writeFileSync(original, kept);
      writeFileSync(mine, kept);
      chownSync(mine, 1000, 1000);
    }
  });

  test("a hook that fails stops the deploy with its own lines, and the next deploy tries it again", async () => {
    const script = join(REPOSITORY, "jobs/hooks/create_topics.py");
    const kept = readFileSync(script, "utf8");
    try {
      writeFileSync(script, `print("the hook's own last line")\nraise SystemExit(3)\n`);
      const failed = await deploy(lab, { mayFail: true });
      expect(failed.exitCode).not.toBe(0);
      expect(failed.output).toContain('hook "topics"');
      expect(failed.output).toContain("ended with 3");
      expect(failed.output).toContain("the hook's own last line");
      expect((await deploy(lab, { mayFail: true })).exitCode).not.toBe(0);
    } finally {
      writeFileSync(script, kept);
    }
    expect((await deploy(lab)).output).toContain('hook "topics" done');
  });

  test("lost volumes of HDFS and Kafka: the lab is whole again, without what was on them", async () => {
    for (const [service, volume] of [
      ["cloudera", "hdfs"],
      ["kafka", "data"],
    ]) {
      await run(`docker rm -f lab-${lab}-${service} && docker volume rm lab-${lab}-${service}-${volume}`);
    }
    const { output } = await deploy(lab);
    for (const hook of ["topics", "folders"]) {
      expect(output).toContain(`hook "${hook}" done`);
    }
    expect(output).toContain("canary: green");
    expect(await presto(placeOf(lab), "show tables")).toContain('"purchases"');
    expect(planned(await deploy(lab))).toBe("nothing");
  });

  test("what another clone has brought up under the same name is not touched", async () => {
    const name = `lab-${lab}-mids`;
    const { output: image } = await run(`docker inspect --format '{{.Config.Image}}' ${name}`);
    await run(`docker rm -f ${name}`);
    const label = "com.docker.compose.project.working_dir=/somebody/else/labs/x";
    const made = await run(`docker create --name ${name} --label ${label} ${image.trim()}`);
    const failed = await deploy(lab, { mayFail: true });
    expect(failed.exitCode).not.toBe(0);
    expect(failed.output).toContain(name);
    expect((await run(`docker inspect --format '{{.Id}}' ${name}`)).output).toBe(made.output);
    await run(`docker rm ${name}`);
    await deploy(lab);
  });
}
