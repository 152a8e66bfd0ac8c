import { readFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import type { StandInDigitalOcean } from "../standin-digitalocean/api";
import { bootStandIn, removeStandIn, startStandIn } from "../standin-droplet/standin-droplet";
import {
  addGuest,
  asRoot,
  bootWithoutProvider,
  CANARY_TOKEN,
  cdktf,
  DROPLET,
  GUEST,
  hasProvider,
  LAB,
  MACHINE,
  onDroplet,
  openPorts,
  privateKeyFile,
  setUp,
  synthesizedUserData,
  tearDown,
  tunnel,
  typeOnDroplet,
  UNLUCKY,
  waitFor,
} from "./support/droplet";
import { planned } from "./support/lab";
import { Outcome, run, Running, RunOptions, start, until } from "./support/shell";

let api: StandInDigitalOcean;
let provider: boolean;
let flask: Running | undefined;

/** The lab's stack alone: its droplet's needs the provider. */
const deployLab = (mayFail = false): Promise<Outcome> =>
  cdktf(`deploy ${LAB} --ignore-missing-stack-dependencies --auto-approve`, { mayFail });

const CHECKPOINT = "/tmp/checkpoints_for_sword_purchases";
const FOLDER = "cd ~/w205/full-stack2 &&";
const presto = async (query: string, options: RunOptions = {}): Promise<string[]> => {
  const command = "docker-compose exec -T presto presto --server presto:8080 --catalog hive --schema default";
  return (await onDroplet(`${FOLDER} ${command} --execute "${query}" 2>/dev/null`, options)).output.trim().split("\n");
};

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  api = await setUp();
  await cdktf("synth");
  provider = await hasProvider();
  if (!provider) {
    console.warn("skipped: the digitalocean provider can't be installed here; its stack's own steps run without it");
  }
});

afterAll(async () => {
  await flask?.interrupt();
  await tearDown();
});

test("a lab whose droplet is not there says so", async () => {
  const { exitCode, output } = await deployLab(true);
  expect(exitCode).not.toBe(0);
  expect(output.replaceAll(/[\s│]+/g, " ")).toContain(`the lab ${LAB} has no host yet: deploy its droplet first`);
});

test("the droplet boots from the stack's own user data, proves its key, and is ready", async () => {
  // The API is busy and fails in between.
  api.faults.push(429, 503);
  const { output } = provider ? await cdktf(`deploy ${DROPLET} --auto-approve`) : await bootWithoutProvider();
  expect(output).toContain("its host key is proven and pinned");
  expect(output).toContain("the boot is over, without errors");
  expect(output).toMatch(/the droplet \d+ at [\d.]+ is ready after \d+ s/);
  expect((await asRoot("cloud-init schema --system")).output).toContain("Valid cloud-config");
});

test("a boot that fails is told with the failing module's own lines", async () => {
  const userData = synthesizedUserData(UNLUCKY).replace("runcmd:\n", "runcmd:\n  - echo no luck today >&2; exit 7\n");
  const { address } = await startStandIn(`lab-${UNLUCKY}`, userData);
  const { exitCode, output } = await waitFor(UNLUCKY, address, 300, { mayFail: true });
  expect(exitCode).not.toBe(0);
  expect(output).toContain("the droplet's boot (cloud-init) failed");
  expect(output).toContain("scripts_user");
  expect(output).toContain("no luck today");
  await removeStandIn(`lab-${UNLUCKY}`);
});

test("a droplet that does not come up ends in a time-out that says what was seen", async () => {
  const { exitCode, output } = await waitFor(UNLUCKY, "127.0.0.1", 8, { mayFail: true });
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/the droplet 1 at 127\.0\.0\.1 was not ready after 8 s; the last that was seen: \S+/);
});

test("the lab comes up on it, and its canary is green", async () => {
  const { output } = await deployLab();
  expect(output).toContain("the host is ready");
  expect(output).toContain("canary: green");
  expect(output).toContain(`ssh -F labs/${LAB}/ssh_config`);
});

test("a second deploy changes nothing", async () => {
  expect(planned(await deployLab())).toBe("nothing");
  if (provider) {
    const both = await cdktf(`deploy ${DROPLET} ${LAB} --auto-approve`);
    expect(both.output.match(/No changes\./g)).toHaveLength(2);
  }
});

test("no token and no private key is in state, synth output, user data or on the droplet", async () => {
  const key = readFileSync(privateKeyFile(), "utf8").split("\n")[2]!;
  for (const secret of [CANARY_TOKEN, key]) {
    const here = await run(`grep -rlF -e '${secret}' labs/${LAB} cdktf.out/stacks/${LAB} cdktf.out/stacks/${DROPLET}`, {
      mayFail: true,
    });
    const there = await asRoot(`grep -rlF -e '${secret}' /etc /home /root /var/lib/cloud /var/log /run/cloud-init`, {
      mayFail: true,
    });
    expect(here.output + there.output).toBe("");
  }
  const keys = await asRoot("grep -rl 'PRIVATE KEY' /etc/ssh /home /root /var/lib/cloud", { mayFail: true });
  expect(keys.output.trim()).toBe("/etc/ssh/ssh_host_ed25519_key");
});

test("only SSH answers another machine", async () => {
  expect(await openPorts([22, 80, 2375, 2376, 5000, 8000, 8020, 8080, 8888, 9092, 10000, 29092, 32181, 50070])).toEqual(
    [22],
  );
});

describe("the exercise, as science over SSH", () => {
  test("the student is welcomed, and finds the jobs to edit", async () => {
    const { output } = await onDroplet("id -un; cat /etc/motd; ls -l ~/w205/full-stack2/filtered_writes.py");
    expect(output).toMatch(/^science\n/);
    expect(output).toContain(`This is the lab "${LAB}"`);
    expect(output).toMatch(/science science .*filtered_writes.py/);
  });

  test("events come in by the game API", async () => {
    flask = typeOnDroplet(
      `${FOLDER} docker-compose exec mids env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0`,
    );
    await until("flask run listens", 60, () => flask!.output().includes("Running on"));
    for (const path of ["", "purchase_a_sword"]) {
      const { output } = await onDroplet(
        `${FOLDER} docker-compose exec -T mids ab -n 10 -H "Host: user1.comcast.com" http://localhost:5000/${path}`,
      );
      expect(output).toMatch(/Complete requests:\s+10\n/);
    }
    const { output } = await onDroplet(
      `${FOLDER} docker-compose exec -T mids kafkacat -C -b kafka:29092 -t events -o beginning -e -q`,
    );
    expect(output.match(/purchase_sword/g)).toHaveLength(10);
  });

  test("the one command of the tunnel brings the lab's pages to a browser", async () => {
    const { command, port } = tunnel();
    const open = start(command);
    try {
      await until("the game API answers through it", 30, () => answers(`http://127.0.0.1:${port(5000)}/`));
      const page = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${path}`)).text();
      expect(await page(`${port(5000)}/`)).toContain("This is the default response!");
      expect(await page(`${port(8080)}/v1/info`)).toContain('"coordinator":true');
      expect(await page(`${port(50070)}/dfshealth.html`)).toContain("Namenode");
      const token = readFileSync(join(labFolder(LAB), "jupyter-token"), "utf8");
      expect(await page(`${port(8888)}/api/status?token=${token}`)).toContain('"started"');
      expect((await fetch(`http://127.0.0.1:${port(8888)}/api/status`)).status).toBe(403);
      expect(await page(`${port(8000)}/api/state?token=${token}`)).toContain(`"lab": "${LAB}"`);
      expect((await fetch(`http://127.0.0.1:${port(8000)}/api/state`)).status).toBe(401);
    } finally {
      await open.interrupt();
    }
  });

  test("the jobs put purchases into HDFS and Hive, and Presto reads them", async () => {
    const submit = (job: string): Promise<Outcome> =>
      onDroplet(`${FOLDER} docker-compose exec -T spark spark-submit /w205/full-stack2/${job}.py`);
    expect((await submit("filtered_writes")).output).toContain("purchase_sword");
    expect((await onDroplet(`${FOLDER} docker-compose exec -T cloudera hadoop fs -ls /tmp/purchases/`)).output).toMatch(
      /\.parquet/,
    );
    await submit("write_hive_table");
    expect(await presto("select count(*) from purchases")).toEqual(['"10"']);
    expect((await submit("filter_swords_batch")).output.match(/\|purchase_sword/g)).toHaveLength(10);
  });

  test("Hive takes what is typed", async () => {
    const hive = await onDroplet(`${FOLDER} docker-compose exec -T cloudera hive 2>&1`, {
      input: "select count(*) from purchases;\n",
    });
    expect(hive.output).toMatch(/^10$/m);
  });

  test("the stream writes what comes, and stops at Ctrl-C", async () => {
    const stream = typeOnDroplet(
      `${FOLDER} docker-compose exec spark spark-submit /w205/full-stack2/write_swords_stream.py`,
    );
    const has = async (path: string, what: RegExp): Promise<boolean> => {
      const list = `${FOLDER} docker-compose exec -T cloudera hadoop fs -ls ${path}`;
      return what.test((await onDroplet(list, { mayFail: true })).output);
    };
    await until("the stream has looked at the topic", 60, () => has(`${CHECKPOINT}/offsets`, /offsets\/0/));
    await onDroplet(
      `${FOLDER} docker-compose exec -T mids ab -n 10 -H "Host: user1.comcast.com" http://localhost:5000/purchase_a_sword`,
    );
    await until("a second batch", 60, () => has("/tmp/sword_purchases/_spark_metadata", /_spark_metadata\/1/));
    expect((await stream.interrupt()).output).not.toContain("Traceback");
  });
});

test("after a reboot the lab is back by itself, with its data", async () => {
  await flask?.interrupt();
  await run(`docker stop -t 60 ${MACHINE}`, { timeoutSeconds: 120 });
  await bootStandIn(MACHINE);
  await until("the lab answers", 240, async () => {
    const { output } = await onDroplet(`docker exec lab-${LAB}-presto wait-healthy 5 && echo up`, { mayFail: true });
    return output.includes("up");
  });
  await until(
    "its table is there",
    120,
    // Presto may be there before Hive, and then fails the query.
    async () => (await presto("select count(*) from purchases", { mayFail: true })).join() === '"10"',
  );
  await deployLab();
  expect(planned(await deployLab())).toBe("nothing");
});

test("a machine with another host key is refused, with a message that says so", async () => {
  await run(`ssh -F labs/${LAB}/ssh_config -O exit lab-${LAB}`, { mayFail: true });
  await asRoot(
    "cd /etc/ssh && mkdir -p kept && mv ssh_host_ed25519_key* kept && " +
      "ssh-keygen -q -t ed25519 -N '' -f ssh_host_ed25519_key && systemctl restart ssh",
  );
  try {
    const { exitCode, output } = await deployLab(true);
    expect(exitCode).not.toBe(0);
    expect(output).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");
  } finally {
    await asRoot("cd /etc/ssh && cp kept/* . && systemctl restart ssh");
  }
});

test("a destroy leaves nothing of the lab, and keeps the student's files", async () => {
  await cdktf(`destroy ${LAB} --ignore-missing-stack-dependencies --auto-approve`);
  const left = await asRoot("docker ps -aq; docker volume ls -q; docker network ls -q --filter type=custom");
  expect(left.output).toBe("");
  expect((await onDroplet("ls ~/w205/full-stack2")).output).toContain("filtered_writes.py");
});

test("a machine that somebody has takes a lab by its address and its key, without DigitalOcean", async () => {
  await addGuest();
  const asked = api.requests.length;
  const { output } = await cdktf(`deploy ${GUEST} --auto-approve`, { env: { DIGITALOCEAN_TOKEN: "" } });
  expect(output).toContain("canary: green");
  expect(output).toContain(`ssh -F labs/${GUEST}/ssh_config lab-${GUEST}`);
  const { output: project } = await onDroplet("cd ~/fred && docker-compose -p lab-e2e-fred ps --services");
  expect(project.trim().split("\n")).toHaveLength(7);
  expect(planned(await cdktf(`deploy ${GUEST} --auto-approve`, { env: { DIGITALOCEAN_TOKEN: "" } }))).toBe("nothing");
  await cdktf(`destroy ${GUEST} --auto-approve`, { env: { DIGITALOCEAN_TOKEN: "" } });
  expect((await asRoot("docker ps -aq; docker volume ls -q")).output).toBe("");
  expect((await onDroplet("ls ~/fred/w205/full-stack2")).output).toContain("filtered_writes.py");
  expect(api.requests).toHaveLength(asked);
});

test("a droplet that was deleted elsewhere does not stop a destroy, and nothing is left in the account", async () => {
  if (!provider) {
    console.warn("skipped: the digitalocean provider can't be installed here");
    return;
  }
  await cdktf(`deploy ${LAB} --ignore-missing-stack-dependencies --auto-approve`);
  const id = [...api.droplets.keys()][0]!;
  const { DIGITALOCEAN_API_URL, DIGITALOCEAN_TOKEN } = api.environment;
  const headers = { authorization: `Bearer ${DIGITALOCEAN_TOKEN}` };
  await fetch(`${DIGITALOCEAN_API_URL}/v2/droplets/${id}`, { method: "DELETE", headers });
  await cdktf(`destroy ${LAB} ${DROPLET} --auto-approve`);
  expect([api.droplets.size, api.firewalls.size, api.volumes.size]).toEqual([0, 0, 0]);
});
