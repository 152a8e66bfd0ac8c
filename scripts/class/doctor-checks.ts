import { existsSync } from "node:fs";
import type { BadInputError } from "../../platform/checks";
import { AccountStep, checkImage } from "../../platform/steps/account";
import { runCommand } from "../../platform/steps/docker";
import { pastTheirEnd } from "../../roster/chosen";
import type { LabEntry } from "../../roster/class-file";
import { DEFAULT_REGION, DEFAULT_SIZE, isSnapshot } from "../../stacks/droplet-options";
import { tryBucket } from "../../stacks/lab-state";
import { accountRoom, noRoom } from "./droplets";

/** Something that must be right on this machine or in the configuration. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What is there; of what is wrong: what, and its cure. */
  readonly message: string;
}

/** A check: gives what is there, throws with what is wrong and its cure. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<string> | string;
}

/** Does the checks, all of them. */
export async function examine(checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, run } of checks) {
    try {
      findings.push({ name, ok: true, message: await run() });
    } catch (error) {
      findings.push({ name, ok: false, message: (error as Error).message });
    }
  }
  return findings;
}

/** What every machine needs: the set-up's own checks, without what they would install. */
export async function machineChecks(): Promise<Check[]> {
  const [{ checkNode }, { terraformVersion }, provider] = await Promise.all([
    import("../setup/npm-packages.mjs"),
    import("../setup/terraform.mjs"),
    import("../setup/docker-provider.mjs"),
  ]);
  return [
    {
      name: "Node.js",
      run: () => {
        checkNode(process.versions.node, process.platform);
        return process.versions.node;
      },
    },
    { name: "Terraform", run: () => terraformVersion().version },
    {
      name: "docker provider of Terraform",
      run: () => {
        const version = provider.providerVersion();
        const { platform } = terraformVersion();
        if (!existsSync(provider.providerFolder(version, platform)) || !existsSync(provider.LOCK_FILE)) {
          throw new Error(`The docker provider ${version} is not set up.\nnpm run setup`);
        }
        return version;
      },
    },
  ];
}

/** What a lab on this machine needs: an engine, room, and its ports. */
export async function localChecks(
  ports: readonly { port: number; container: string; address: string }[],
): Promise<Check[]> {
  const [{ askEngine, engineMeans, engineRefusal }, { capacity, checkCapacity }, { checkPorts }, { has, ask }] =
    await Promise.all([
      import("../setup/docker-engine.mjs"),
      import("../setup/capacity.mjs"),
      import("../setup/ports.mjs"),
      import("../setup/run.mjs"),
    ]);
  return [
    {
      name: "Docker engine",
      run: () => {
        const { state, version, message } = askEngine();
        if (state !== "answers") {
          throw engineRefusal(state, engineMeans(), message);
        }
        return version;
      },
    },
    {
      name: "docker-compose",
      run: () => {
        if (!has("docker-compose") && !ask("docker", ["compose", "version"]).ok) {
          throw new Error(
            "There is no docker-compose: labs come up, but the exercise's commands need it.\nInstall any version from 1.29.",
          );
        }
        return "there";
      },
    },
    {
      name: "memory and disk",
      run: () => {
        const left = capacity();
        const there = ask("docker", ["ps", "--quiet", "--filter", "label=org.fullstack-lab.lab"]).stdout !== "";
        const warnings = checkCapacity(left, there);
        const amounts = [
          left.memoryGiB && `${left.memoryGiB.toFixed(1)} GiB of memory`,
          left.diskGiB && `${left.diskGiB.toFixed(0)} GiB of disk`,
        ];
        return [...amounts.filter(Boolean), ...warnings].join(", ");
      },
    },
    {
      name: "ports",
      run: async () => {
        await checkPorts(ports);
        return `${ports.length} free, or the labs' own`;
      },
    },
  ];
}

/** The program was not found. */
const NOT_THERE = 127;

/** The programs that reach labs on other machines. */
export function sshCheck(env: Readonly<Record<string, string>> = {}): Check {
  return {
    name: "OpenSSH",
    run: async () => {
      const { exitCode, output } = await runCommand(["ssh", "-V"], { env });
      // It has no word for its version: it says how it is used.
      const scan = await runCommand(["ssh-keyscan"], { env });
      const missing = [
        exitCode === NOT_THERE ? ["ssh"] : [],
        scan.exitCode === NOT_THERE ? ["ssh-keyscan"] : [],
      ].flat();
      if (missing.length > 0) {
        throw new Error(
          `There is no ${missing.join(", no ")}.\nInstall OpenSSH's client (Debian: apt-get install openssh-client).`,
        );
      }
      return output.trim();
    },
  };
}

/** The class file. */
export function classFileCheck(mistakes: readonly BadInputError[], labs: number): Check {
  return {
    name: "class file",
    run: () => {
      if (mistakes.length > 0) {
        throw new Error(mistakes.map(({ message }) => message).join("\n"));
      }
      return `${labs} ${labs === 1 ? "lab" : "labs"}`;
    },
  };
}

/** Labs that are past their end. */
export function expiryCheck(entries: readonly LabEntry[], now: Date): Check {
  return {
    name: "ends of labs",
    run: () => {
      const past = pastTheirEnd(entries, now);
      if (past.length > 0) {
        const list = past.map(({ id, expires }) => `${id} (${expires!.text})`).join(", ");
        throw new Error(
          `Past their end: ${list}.\nTake them away (npm run class -- down --expired), or give them a later date.`,
        );
      }
      return "none is past";
    },
  };
}

/** DigitalOcean's account: the token, and room for the droplets that are not there yet. */
export function accountCheck(entries: readonly LabEntry[]): Check {
  return {
    name: "DigitalOcean account",
    run: async () => {
      const room = await accountRoom(entries, () => undefined);
      const problem = noRoom(room);
      if (problem) {
        throw new Error(problem);
      }
      return `${room.total} of ${room.limit} droplets, ${room.missing.length} more to come`;
    },
  };
}

/** The snapshots that droplets boot from: there, in the droplets' regions, and not larger than their disks. */
export function imageCheck(entries: readonly LabEntry[]): Check[] {
  const asked = new Map<string, Required<AccountStep>>();
  for (const { target } of entries) {
    const {
      image = "",
      region = DEFAULT_REGION,
      size = DEFAULT_SIZE,
    } = target?.kind === "digitalocean" ? target.options : {};
    if (isSnapshot(image)) {
      asked.set(`${image} ${region} ${size}`, { image: String(image), region, size });
    }
  }
  const run = async (): Promise<string> => {
    const names = await Promise.all([...asked.values()].map((one) => checkImage(one, () => undefined)));
    return [...new Set(names)].join(", ");
  };
  return asked.size > 0 ? [{ name: "droplets' image", run }] : [];
}

/** The bucket of the states: its keys, and what a deploy does with it. */
export function stateCheck(entries: readonly LabEntry[]): Check[] {
  const state = entries.find((entry) => entry.state)?.state;
  if (!state) {
    return [];
  }
  const run = async (): Promise<string> => {
    await tryBucket(state);
    return `${state.bucket}: written, read, ${state.lock ? "locked" : "not locked, as the class file says"}`;
  };
  return [{ name: "states", run }];
}

/** The hosts that are there already: whether they answer, with the key that the class file says. */
export function hostChecks(entries: readonly LabEntry[]): Check[] {
  return entries.flatMap(({ id, target }) => {
    if (target?.kind !== "host") {
      return [];
    }
    const { address, port, hostKey } = target;
    const run = async (): Promise<string> => {
      const { output } = await runCommand(["ssh-keyscan", "-T", "5", "-p", String(port), address]);
      if (!/ (ssh|ecdsa)-/.test(output)) {
        throw new Error(`${address}:${port} does not answer by SSH.\nIs it up, and may this machine reach it?`);
      }
      if (!output.includes(hostKey)) {
        throw new Error(
          `${address}:${port} shows another key than the class file's hostKey.\nWhere you trust the machine, take the key ` +
            `from its own /etc/ssh/ssh_host_ed25519_key.pub; else find out who answers there.`,
        );
      }
      return "answers, with its key";
    };
    return [{ name: `host of ${id}`, run }];
  });
}
