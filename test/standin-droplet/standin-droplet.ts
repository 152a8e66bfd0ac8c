/** A machine like a new droplet, as a container on this machine's Docker: systemd, cloud-init, sshd, its own Docker. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BASE_IMAGE_FILE } from "../../roster/machine";
import { quote, run } from "../e2e/support/shell";

/** What systemd, a Docker in a Docker and cloud-init need; not all there is, which engines refuse. */
const CAPABILITIES = [
  "AUDIT_WRITE",
  "BLOCK_SUSPEND",
  "DAC_READ_SEARCH",
  "IPC_LOCK",
  "IPC_OWNER",
  "LEASE",
  "LINUX_IMMUTABLE",
  "NET_ADMIN",
  "NET_BROADCAST",
  "SYSLOG",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_PACCT",
  "SYS_PTRACE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
];

/** A stand-in for a droplet. */
export interface StandIn {
  /** The container's name, and its volume's. */
  readonly name: string;
  readonly address: string;
}

/** The network of all stand-ins: it stays when one is taken away, so that its address leads nowhere. */
export const STANDIN_NETWORK = "fullstack-lab-standin";

/** The image of a droplet before its first boot. */
export async function buildStandInImage(): Promise<string> {
  const image = "fullstack-lab/standin-droplet";
  const base = process.env.BASE_IMAGE ?? readFileSync(BASE_IMAGE_FILE, "utf8").trim();
  await run(`docker build -q --build-arg BASE=${quote(base)} -t ${image} ${quote(__dirname)}`, { timeoutSeconds: 900 });
  return image;
}

/** Boots a new machine with this user data, from a snapshot where one is named. */
export async function startStandIn(name: string, userData: string, snapshot?: string): Promise<StandIn> {
  const image = snapshot === undefined ? await buildStandInImage() : snapshotOf(snapshot).image;
  const seed = mkdtempSync(join(tmpdir(), "seed-"));
  try {
    writeFileSync(join(seed, "user-data"), userData);
    writeFileSync(join(seed, "meta-data"), `instance-id: ${name}-${Date.now()}\nlocal-hostname: ${name}\n`);
    await run(`docker network inspect ${STANDIN_NETWORK} || docker network create ${STANDIN_NETWORK}`);
    if (snapshot !== undefined) {
      await copyVolume(snapshotOf(snapshot).volume, name);
    }
    await run(
      [
        `docker create --name ${name} --hostname ${name} --network ${STANDIN_NETWORK}`,
        "--cgroupns host -v /sys/fs/cgroup:/sys/fs/cgroup:rw --tmpfs /run --tmpfs /tmp:exec",
        "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined",
        ...CAPABILITIES.map((capability) => `--cap-add ${capability}`),
        `-v ${name}:/var/lib/docker ${image}`,
      ].join(" "),
    );
    await run(`docker cp ${seed}/. ${name}:/var/lib/cloud/seed/nocloud/`);
  } finally {
    rmSync(seed, { recursive: true });
  }
  return bootStandIn(name);
}

/** Switches a machine on that is off. */
export async function bootStandIn(name: string): Promise<StandIn> {
  await run(`docker start ${name}`);
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  const { output } = await run(`docker inspect --format ${quote(format)} ${name}`);
  return { name, address: output.trim() };
}

/** Switches a machine off. */
export async function stopStandIn(name: string): Promise<void> {
  await run(`docker stop -t 60 ${name}`, { timeoutSeconds: 120 });
}

/** Where a snapshot is kept. */
export function snapshotOf(id: string): { readonly image: string; readonly volume: string } {
  return { image: `fullstack-lab/standin-snapshot:${id}`, volume: `standin-snapshot-${id}` };
}

/** Keeps the disk of a machine that is off: its file system, and Docker's data. */
export async function snapshotStandIn(name: string, id: string): Promise<void> {
  const { image, volume } = snapshotOf(id);
  await run(`docker commit ${name} ${image}`);
  await copyVolume(name, volume);
}

/** Takes a snapshot away; also one that is not there. */
export async function removeSnapshot(id: string): Promise<void> {
  const { image, volume } = snapshotOf(id);
  await run(`docker rmi -f ${image}; docker volume rm -f ${volume}`, { mayFail: true });
}

/**
 * Copies Docker's data of a machine that is off. Layers are shared, since Docker never writes into one that is there:
 * as with a snapshot of a real disk, what is not changed is not copied.
 */
async function copyVolume(from: string, to: string): Promise<void> {
  const { output: root } = await run("docker info --format '{{.DockerRootDir}}'");
  const copy = [
    `cd /volumes/${from}/_data`,
    `cp -al overlay2 /volumes/${to}/_data/`,
    `find . -mindepth 1 -maxdepth 1 ! -name overlay2 -exec cp -a {} /volumes/${to}/_data/ ';'`,
  ].join(" && ");
  await run(`docker volume create ${to}`);
  await run(
    // An overlay's own attributes are the administrator's.
    `docker run --rm --cap-add SYS_ADMIN --entrypoint sh -v ${root.trim()}/volumes:/volumes ` +
      `${await buildStandInImage()} -c ${quote(copy)}`,
  );
}

/** Takes a machine away with all that was on it; also one that is not there. */
export async function removeStandIn(name: string): Promise<void> {
  for (const command of [`rm -fv ${name}`, `volume rm -f ${name}`]) {
    await run(`docker ${command}`, { mayFail: true });
  }
}

/** Takes the stand-ins' network away. */
export async function removeStandInNetwork(): Promise<void> {
  await run(`docker network rm ${STANDIN_NETWORK}`, { mayFail: true });
}
