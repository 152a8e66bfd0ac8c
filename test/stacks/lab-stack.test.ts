import { existsSync, readdirSync } from "node:fs";
import { stringify } from "yaml";
import { labStack, resource, SynthesizedStack, synthesized, withoutHashes } from "../support/synth";

const SERVICES = ["zookeeper", "kafka", "cloudera", "spark", "presto", "mids", "home"];

describe("the lab as the class notes know it", () => {
  let stack: SynthesizedStack;
  beforeAll(() => {
    stack = synthesized(labStack());
  });
  const container = (service: string): Record<string, unknown> =>
    resource(stack, "docker_container", `/${service}/container`);

  test.each(SERVICES)("%s runs closed: no privilege, limits, rotated logs, restarts, labels", (service) => {
    expect(container(service)).toMatchObject({
      name: `lab-local-${service}`,
      capabilities: { drop: ["ALL"] },
      security_opts: ["no-new-privileges"],
      restart: "unless-stopped",
      memory: expect.any(Number) as number,
      log_opts: { "max-size": "10m", "max-file": "3" },
      host: [{ host: "moby", ip: "127.0.0.1" }],
      healthcheck: { test: ["CMD", "health"], interval: "15s", timeout: "10s" },
      networks_advanced: [{ aliases: [service], name: "lab-local" }],
      labels: expect.arrayContaining([
        { label: "com.docker.compose.project", value: "lab-local" },
        { label: "com.docker.compose.service", value: service },
        { label: "com.docker.compose.container-number", value: "1" },
        { label: "com.docker.compose.oneoff", value: "False" },
        { label: "org.fullstack-lab.lab", value: "local" },
      ]) as unknown,
    });
  });

  test.each([
    ["zookeeper", ["ZOOKEEPER_CLIENT_PORT=32181", "ZOOKEEPER_TICK_TIME=2000"]],
    [
      "kafka",
      [
        "KAFKA_BROKER_ID=1",
        "KAFKA_ZOOKEEPER_CONNECT=zookeeper:32181",
        "KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://kafka:29092",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1",
      ],
    ],
    ["spark", ["HADOOP_NAMENODE=cloudera", "HIVE_THRIFTSERVER=cloudera:9083"]],
    ["presto", ["HIVE_THRIFTSERVER=cloudera:9083"]],
  ])("%s has the notes' settings", (service, settings) => {
    expect(container(service).env).toEqual(expect.arrayContaining(settings));
  });

  test.each(["spark", "presto", "mids"])("%s has the student's folder and its owner's number", (service) => {
    expect(container(service)).toMatchObject({ user: "1000:1000" });
    expect(container(service).volumes).toContainEqual({
      host_path: expect.stringMatching(/^\$\{abspath\(".*labs\/local"\)\}\/w205$/) as string,
      container_path: "/w205",
    });
  });

  test.each(["spark", "mids"])("%s has a terminal", (service) => {
    expect(container(service)).toMatchObject({ tty: true, stdin_open: true });
  });

  test.each(["cloudera", "presto", "mids"])("%s knows itself by the notes' host name", (service) => {
    expect(container(service)).toMatchObject({ hostname: service });
  });

  test.each(SERVICES)("%s is made anew with the network, and with the service whose state it shares", (service) => {
    const [network, ...others] = (container(service).lifecycle as { replace_triggered_by: string[] })
      .replace_triggered_by;
    expect(network).toMatch(/^terraform_data\.lab_network-identity_/);
    expect(others.map((name) => /^terraform_data\.lab_(.+)_identity_/.exec(name)?.[1])).toEqual(
      { kafka: ["zookeeper"], presto: ["cloudera"] }[service] ?? [],
    );
  });

  test("of a new lab all containers are made at once, as soon as Docker has its network", () => {
    const fresh = synthesized(labStack({ isNew: true }));
    for (const [name, own] of Object.entries(fresh.resource.docker_container!)) {
      const { lifecycle, ...now } = own;
      expect(lifecycle).toEqual({ ignore_changes: ["memory_swap"] });
      expect(now.depends_on).toContainEqual(expect.stringMatching(/^terraform_data\.lab_network-there_step_/));
      expect(JSON.stringify(now)).not.toMatch(/docker_(network|container)\.|identity/);
      // What Terraform compares is the same as with the next synth.
      expect({ ...now, lifecycle: undefined }).toEqual({
        ...stack.resource.docker_container![name],
        lifecycle: undefined,
      });
    }
  });

  test("only JupyterLab, the game API and the front page are published, on this machine alone", () => {
    const published = SERVICES.flatMap((service) => container(service).ports ?? []);
    expect(published).toEqual([
      { internal: 8888, external: 8888, ip: "127.0.0.1" },
      { internal: 5000, external: 5000, ip: "127.0.0.1" },
      { internal: 8000, external: 8000, ip: "127.0.0.1" },
    ]);
  });

  test("all state is in named volumes", () => {
    const names = Object.values(stack.resource.docker_volume!).map(({ name }) => name);
    expect(names.sort()).toEqual([
      "lab-local-cloudera-hdfs",
      "lab-local-cloudera-metastore",
      "lab-local-home-records",
      "lab-local-kafka-data",
      "lab-local-zookeeper-data",
    ]);
  });

  test.each(["spark", "home"])("the lab's token is in no setting of %s: only the path of its file is", (service) => {
    expect(container(service).upload).toEqual([
      expect.objectContaining({ file: "/etc/lab/jupyter-token", source: "../../../labs/local/jupyter-token" }),
    ]);
  });

  test("the front page knows where everybody is, what to type and where the pages are", () => {
    const env = Object.fromEntries(
      (container("home").env as string[]).map((line) => line.split(/=(.*)/s) as [string, string]),
    );
    expect(env).toMatchObject({
      LAB_ID: "local",
      LAB_ZOOKEEPER: "zookeeper:32181",
      LAB_KAFKA: "kafka:29092",
      LAB_NAMENODE: "cloudera:50070",
      LAB_METASTORE: "cloudera:9083",
      LAB_HIVESERVER: "cloudera:10000",
      LAB_JUPYTER: "spark:8888",
      LAB_PRESTO: "presto:8080",
      LAB_GAME_API: "mids:5000",
    });
    expect(JSON.parse(env.LAB_EXERCISE!)).toEqual(stack.output.commands!.value);
    expect(JSON.parse(env.LAB_VERSIONS!)).toEqual(stack.output.versions!.value);
    expect(JSON.parse(env.LAB_PAGES!)).toEqual([
      { name: "JupyterLab", port: 8888, path: "/lab", throughJupyter: true },
      { name: "Presto", port: 8888, path: "/presto/", throughJupyter: true },
      { name: "the NameNode", port: 8888, path: "/namenode/", throughJupyter: true },
      { name: "the Spark UI", port: 8888, path: "/spark/", throughJupyter: true },
      { name: "the game API", port: 8888, path: "/game-api/", throughJupyter: true },
    ]);
  });

  test("images are built by the lab's host, and kept when the lab goes", () => {
    const images = Object.values(stack.resource.docker_image!);
    expect(images).toHaveLength(SERVICES.length + 2);
    for (const image of images) {
      expect(image).toMatchObject({ keep_locally: true, build: { use_legacy_builder: true } });
    }
  });

  test("images that are on the host are not built and wait for none, and that is no change", () => {
    const stack = labStack();
    const image = (path: string): Record<string, unknown> => resource(synthesized(stack), "docker_image", path);
    const { name } = image("/images/kafka");
    stack.lab.takeUp({ orphans: [], images: [name as string, "fullstack-lab/mids:000000000000"] });
    expect(image("/images/kafka")).toMatchObject({ name, lifecycle: { ignore_changes: ["build"] } });
    expect(image("/images/kafka")).not.toHaveProperty("build");
    expect(image("/images/kafka")).not.toHaveProperty("depends_on");
    expect(image("/images/mids")).toMatchObject({
      build: {},
      depends_on: [expect.any(String)],
      lifecycle: { ignore_changes: ["build"] },
    });
  });

  test("hooks run after the services they act on, and again when one of these is another container", () => {
    const topics = resource(stack, "terraform_data", "/topics/step");
    expect(Object.keys(topics.triggers_replace as object)).toEqual(["content", "kafka", "mids"]);
    expect(topics.depends_on).toEqual([expect.stringContaining("mids_ready"), expect.stringContaining("kafka_ready")]);
  });

  test("the canary comes last, after every hook and every service", () => {
    const canary = resource(stack, "terraform_data", "/canary/step");
    expect(canary.depends_on).toHaveLength(SERVICES.length + 4);
  });

  test("no path of this machine is in it", () => {
    expect(JSON.stringify(stack)).not.toContain(process.cwd());
  });

  test("the whole, to be read as a change of it is reviewed", () => {
    const { resource: resources, output, terraform } = withoutHashes(stack) as SynthesizedStack;
    expect(stringify({ resources, output, terraform }, { lineWidth: 0 })).toMatchSnapshot();
  });
});

test("what is set for a service reaches its container", () => {
  const stack = synthesized(
    labStack({
      services: {
        kafka: { heapMiB: 300, memoryMiB: 700, environment: { KAFKA_BROKER_ID: "7", MORE: "x" }, keepVolumes: true },
        presto: { webPort: 8081, bindAddress: "0.0.0.0" },
        mids: { image: `registry.example/mids@sha256:${"a".repeat(64)}` },
      },
    }),
  );
  const kafka = resource(stack, "docker_container", "/kafka/container");
  expect(kafka.memory).toBe(700);
  expect(kafka.env).toEqual(expect.arrayContaining(["KAFKA_HEAP_MIB=300", "KAFKA_BROKER_ID=7", "MORE=x"]));
  expect(Object.values(stack.resource.docker_volume!).map(({ name }) => name)).not.toContain("lab-local-kafka-data");
  expect(resource(stack, "docker_container", "/presto/container").ports).toEqual([
    { internal: 8080, external: 8081, ip: "0.0.0.0" },
  ]);
  expect(resource(stack, "docker_container", "/mids/container").image).toMatch(/^registry.example\/mids@sha256:a+$/);
});

describe("versions", () => {
  const OTHERS = { zookeeper: { version: "3.8.6" }, kafka: { version: "3.8.1" } };

  test("another version than the default is another image, built from its own lock files", () => {
    const stack = synthesized(labStack({ services: OTHERS }));
    const images = JSON.stringify(stack.resource.docker_image);
    expect(images).toContain('"LOCKS":"versions/3.8.6"');
    expect(images).toContain('"LOCKS":"versions/3.8.1"');
    expect(stack.output.versions!.value).toMatchObject({ ZooKeeper: "3.8.6", Kafka: "3.8.1", Presto: "0.287" });
  });

  test("the default version by its name is the default image", () => {
    const [plain, named] = [labStack(), labStack({ services: { zookeeper: { version: "3.8.4" } } })];
    expect(synthesized(named)).toEqual(synthesized(plain));
  });

  test.each(
    SERVICES.filter((service) => existsSync(`images/${service}/versions`)).flatMap((service) =>
      readdirSync(`images/${service}/versions`).map((version) => [service, version]),
    ),
  )("the locks in images/%s/versions/%s are of that version", (service, version) => {
    const { lab } = labStack({ services: { [service]: { version } } });
    const [first] = Object.values(lab.services.find(({ serviceName }) => serviceName === service)!.versions);
    expect(first).toBe(version);
  });
});

test("another owner of the student's folder runs the student's containers, as that number", () => {
  const stack = synthesized(labStack({ host: { owner: { uid: 501, gid: 20 } } }));
  expect(resource(stack, "docker_container", "/spark/container")).toMatchObject({ user: "501:20" });
  // docker-compose mounts the token's file, which its owner alone may read.
  expect(resource(stack, "docker_container", "/home/container")).toMatchObject({ user: "501:20" });
  expect(resource(stack, "docker_container", "/kafka/container").user).toBeUndefined();
});

test("labs side by side share no name and every image", () => {
  const [alice, bob] = [synthesized(labStack({}, "alice")), synthesized(labStack({}, "bob"))];
  const names = (stack: SynthesizedStack, type: string): unknown[] =>
    Object.values(stack.resource[type]!).map(({ name }) => name);
  for (const type of ["docker_container", "docker_volume", "docker_network"]) {
    expect(names(alice, type).filter((name) => names(bob, type).includes(name))).toEqual([]);
  }
  expect(names(alice, "docker_image")).toEqual(names(bob, "docker_image"));
});
