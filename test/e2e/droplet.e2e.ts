import { readFileSync } from "node:fs";
import type { StandInDigitalOcean } from "../standin-digitalocean/api";
import { bootStandIn, removeStandIn, startStandIn } from "../standin-droplet/standin-droplet";
import {
  addGuest,
  asRoot,
  bootWithoutProvider,
  CANARY_TOKEN,
  cdktf,
  classCommand,
  DROPLET,
  dropletPlace,
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
  UNLUCKY,
  waitFor,
} from "./support/droplet";
import { exercise } from "./exercise";
import { planned } from "./support/lab";
import { presto } from "./support/place";
import { Outcome, run, Running, RunOptions, start, until } from "./support/shell";

let api: StandInDigitalOcean;
let provider: boolean;

/** The lab's stack alone: its droplet's needs the provider. */
const deployLab = (mayFail = false): Promise<Outcome> =>
  cdktf(`deploy ${LAB} --ignore-missing-stack-dependencies --auto-approve`, { mayFail });

const counted = (options?: RunOptions): Promise<string[]> =>
  presto(dropletPlace, "select count(*) from purchases", options);

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

describe("the student, as science over SSH", () => {
  let open: Running;

  beforeAll(async () => {
    open = start(tunnel().command, { timeoutSeconds: 1800 });
    await until("JupyterLab answers through the tunnel", 30, () => answers(dropletPlace.page(8888)));
  });

  afterAll(async () => {
    await open.interrupt();
  });

  test("is welcomed, and finds the jobs to edit", async () => {
    const { output } = await onDroplet("id -un; cat /etc/motd; ls -l ~/w205/full-stack2/filtered_writes.py");
    expect(output).toMatch(/^science\n/);
    expect(output).toContain(`This is the lab "${LAB}"`);
    expect(output).toMatch(/science science .*filtered_writes.py/);
  });

  test("has the lab's pages in a browser by the one command of the tunnel", async () => {
    const page = async (port: number, path: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${tunnel().port(port)}${path}`)).text();
    expect(await page(8080, "/v1/info")).toContain('"coordinator":true');
    expect(await page(50070, "/dfshealth.html")).toContain("Namenode");
    expect(await page(8000, `/api/state?token=${dropletPlace.token()}`)).toContain(`"lab": "${LAB}"`);
    expect((await fetch(`http://127.0.0.1:${tunnel().port(8000)}/api/state`)).status).toBe(401);
  });

  describe("does the class exercise", () => exercise(dropletPlace));
});

test("a restart of the Docker daemon loses nothing", async () => {
  const before = await counted();
  await asRoot("systemctl restart docker");
  await until("the table is there", 120, async () => (await counted({ mayFail: true })).join() === before.join());
  expect(planned(await deployLab())).toBe("nothing");
});

test("after a reboot the lab is back by itself, with its data", async () => {
  const before = (await counted()).join();
  expect(Number(before.replaceAll('"', ""))).toBeGreaterThan(20);
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
    async () => (await counted({ mayFail: true })).join() === before,
  );
  await deployLab();
  expect(planned(await deployLab())).toBe("nothing");
});

test("the student's work is saved from there, and comes back after it was wrecked", async () => {
  const before = (await counted()).join();
  await dropletPlace.write("mine.txt", "my own\n");
  expect((await classCommand(`save ${LAB}`)).output).toContain(`1 of 1 saved: ${LAB}`);
  await onDroplet("rm ~/w205/mine.txt");
  await dropletPlace.run("docker-compose exec -T cloudera hadoop fs -rm -r -skipTrash /tmp/purchases");
  const { output } = await classCommand(`restore ${LAB}`);
  expect(output).toContain(`1 of 1 restored: ${LAB}`);
  expect(await dropletPlace.read("mine.txt")).toBe("my own\n");
  expect((await counted()).join()).toBe(before);
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
