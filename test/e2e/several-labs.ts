import {
  ALICE,
  BOB,
  cdktf,
  deploy,
  labFolder,
  leftovers,
  planned,
  PORTS,
  terraformOutput,
  w205,
  writeClass,
} from "./support/lab";
import { existsSync } from "node:fs";
import { run } from "./support/shell";

/** A second lab beside the first, and both of them gone at the end. */
export function severalLabs(): void {
  test("bob's lab comes up beside alice's, and builds no image again", async () => {
    const images = async (): Promise<string> => (await run("docker images -q 'fullstack-lab/*' | sort -u")).output;
    const before = await images();
    await deploy(BOB);
    expect(await images()).toBe(before);
    expect(planned(await deploy(ALICE))).toBe("nothing");
  });

  test("the labs do not see each other", async () => {
    await run("echo hello | docker-compose exec -T mids kafkacat -P -b kafka:29092 -t only-bob", {
      cwd: labFolder(BOB),
    });
    const topics = (lab: string): Promise<{ output: string }> =>
      run("docker-compose exec -T mids kafkacat -L -b kafka:29092", { cwd: labFolder(lab) });
    expect((await topics(BOB)).output).toContain("only-bob");
    expect((await topics(ALICE)).output).not.toContain("only-bob");
  });

  test("outputs tell where things are and what to type", () => {
    expect(terraformOutput(BOB, "urls")).toMatchObject({ JupyterLab: `http://127.0.0.1:${PORTS[BOB].jupyter}` });
    expect(terraformOutput(BOB, "next")).toContain(`cd labs/${BOB}`);
    expect(terraformOutput(BOB, "versions")).toMatchObject({ Kafka: expect.stringMatching(/^3\.9/) as string });
  });

  test("destroy takes all of a lab and nothing of the other's", async () => {
    await cdktf(`destroy ${BOB} --auto-approve`);
    expect(await leftovers(BOB)).toEqual([]);
    expect(
      (await run(`docker ps -q --filter label=org.fullstack-lab.lab=${ALICE}`)).output.trim().split("\n"),
    ).toHaveLength(7);
  });

  test("Compose v2 acts on the lab as docker-compose does", async () => {
    if ((await run("docker compose version", { mayFail: true })).exitCode !== 0) {
      console.warn("skipped: this machine's docker has no compose plug-in");
      return;
    }
    const inAlice = { cwd: labFolder(ALICE) };
    const { output } = await run("docker compose ps --services", inAlice);
    expect(output.trim().split("\n").sort()).toEqual([
      "cloudera",
      "home",
      "kafka",
      "mids",
      "presto",
      "spark",
      "zookeeper",
    ]);
    expect((await run("docker compose exec -T mids id -un", inAlice)).output).toContain("science");
    await run("docker compose restart mids", inAlice);
    expect((await run("docker compose logs --tail 1 kafka", inAlice)).output).toContain("kafka");
    await run("docker compose down", inAlice);
    await deploy(ALICE);
    expect(planned(await deploy(ALICE))).toBe("nothing");
  });

  test("docker-compose alone brings up the same services, in other versions too", async () => {
    const inBob = { cwd: labFolder(BOB), timeoutSeconds: 600 };
    writeClass({ [BOB]: { zookeeper: { version: "3.8.6" }, kafka: { version: "3.8.1" } } });
    await cdktf("synth");
    await run("docker-compose up -d", inBob);
    for (const service of ["zookeeper", "kafka", "cloudera", "spark", "presto", "mids", "home"]) {
      await run(`docker-compose exec -T ${service} wait-healthy 120`, inBob);
    }
    const jars = await run("docker-compose exec -T kafka ls /opt/kafka/lib", inBob);
    expect(jars.output).toContain("kafka-clients-3.8.1.jar");
    expect((await run("docker-compose exec -T zookeeper ls /opt/zookeeper/lib", inBob)).output).toContain("-3.8.6.jar");
    await run("docker-compose exec -T mids kafkacat -P -b kafka:29092 -t trial", { ...inBob, input: "an event\n" });
    const read = "docker-compose exec -T mids kafkacat -C -b kafka:29092 -t trial -o beginning -e -q";
    expect((await run(read, inBob)).output).toBe("an event\n");
    await run("docker-compose down -v", inBob);
    expect(await leftovers(BOB)).toEqual([]);
    writeClass();
  });

  test("destroy leaves the student's folder, and nothing else", async () => {
    await cdktf(`destroy ${ALICE} --auto-approve`);
    expect(await leftovers(ALICE)).toEqual([]);
    expect(existsSync(w205(ALICE, "full-stack", "game_api.py"))).toBe(true);
  });
}
