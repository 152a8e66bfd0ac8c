import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROOF_FILE } from "../cloud-init";
import { pinSecret, proofIn, proves, spendPinSecret } from "../pin-secret";
import { labFolder } from "../lab-files";
import { forgetKnownHosts, foundDroplet, noteDroplet, pinnedKey, refreshAccess, writeKnownHosts } from "../ssh-files";
import { sshAlias } from "../ssh-host";
import { bootProgress } from "./boot-progress";
import { lastLines, Outcome, runCommand, SHORT_SECONDS, sshCommand, StepFailed } from "./docker";

/** Waiting for a droplet. */
export interface WaitStep {
  /** The lab's id. */
  readonly lab: string;
  /** DigitalOcean's number of the droplet. */
  readonly droplet: string;
  readonly address: string;
  readonly timeoutSeconds: number;
}

const POLL_MS = 3000;
/** A key that is refused for so long will not be taken later either. */
const REFUSED_SECONDS = 45;

/**
 * Waits until a droplet is truly ready: its host key is proven and pinned, its boot is over without an error, and
 * Docker answers. Says what it waits for. @throws StepFailed saying what is wrong
 */
export async function waitForDroplet(step: WaitStep): Promise<void> {
  const start = Date.now();
  const seconds = (): number => Math.round((Date.now() - start) / 1000);
  const folder = labFolder(step.lab);
  let last = "";
  const say = (what: string): void => {
    if (what !== last) {
      console.log(`${String(seconds()).padStart(4)} s: ${what}`);
      last = what;
    }
  };
  const poll = async (look: () => Promise<boolean>): Promise<void> => {
    while (!(await look())) {
      if (seconds() >= step.timeoutSeconds) {
        throw new StepFailed(
          `the droplet ${step.droplet} at ${step.address} was not ready after ${step.timeoutSeconds} s; ` +
            `the last that was seen: ${last || "nothing"}.\n` +
            `Look at it in DigitalOcean's control panel (Access, Recovery console). The next deploy waits for it again.`,
        );
      }
      await sleep(POLL_MS);
    }
  };

  if (foundDroplet(folder)?.id !== step.droplet) {
    forgetKnownHosts(folder);
  }
  noteDroplet(folder, { id: step.droplet, address: step.address });
  refreshAccess(folder);
  if (pinnedKey(folder) === undefined) {
    await poll(() => pin(step, folder, say));
  }
  refreshAccess(folder);
  const onDroplet = (...words: string[]): Promise<Outcome> =>
    runCommand(sshCommand(join(folder, "ssh_config"), sshAlias(step.lab), words), { timeoutSeconds: SHORT_SECONDS });
  let refused = 0;
  await poll(async () => {
    const { exitCode, output } = await onDroplet("true");
    checkKey(step, output);
    refused ||= /Permission denied/.test(output) ? seconds() : 0;
    if (refused && exitCode !== 0 && seconds() - refused > REFUSED_SECONDS) {
      throw new StepFailed(
        `the droplet at ${step.address} takes none of your SSH keys:\n${lastLines(output, 5)}\n` +
          `The private half of operatorKeyFile must lie beside it, or be in your ssh-agent (ssh-add -l shows what is).`,
      );
    }
    say(exitCode === 0 ? "logged in by SSH" : `waiting to log in: ${lastLines(output, 1)}`);
    return exitCode === 0;
  });
  await poll(() => bootProgress(onDroplet, say));
  await poll(async () => {
    const { exitCode, output } = await onDroplet("docker", "version", "--format", "{{.Server.Version}}");
    say(exitCode === 0 ? `Docker ${output.trim()} answers` : `waiting for Docker: ${lastLines(output, 1)}`);
    return exitCode === 0;
  });
  await onDroplet("rm", "-f", PROOF_FILE);
  console.log(`the droplet ${step.droplet} at ${step.address} is ready after ${seconds()} s`);
}

/** Asks for the host key and for its proof, and pins a key that is proven. */
async function pin(step: WaitStep, folder: string, say: (what: string) => void): Promise<boolean> {
  const scan = await runCommand(["ssh-keyscan", "-T", "5", "-t", "ed25519", step.address]);
  const key = /(ssh-ed25519 \S+)/.exec(scan.output)?.[1];
  if (!key) {
    say(`waiting for SSH at ${step.address}`);
    return false;
  }
  const proof = proofIn(await banner(step, folder, key));
  if (proof === undefined) {
    say("SSH answers; waiting for the proof of its host key");
    return false;
  }
  if (!proves(pinSecret(folder), key, proof)) {
    throw new StepFailed(
      `the machine at ${step.address} shows a host key that it can't prove:\n  ${key}\n` +
        `It is not the droplet that was made, or somebody stands between. Nothing was sent to it. ` +
        `Destroy the droplet and deploy again; if that repeats, use another network.`,
    );
  }
  writeKnownHosts(folder, step.lab, key);
  spendPinSecret(folder);
  say("its host key is proven and pinned");
  return true;
}

/** What sshd shows before a login. The connection accepts the one key in question and logs nobody in. */
async function banner(step: WaitStep, folder: string, key: string): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), "host-key-"));
  try {
    const candidate = join(scratch, "known_hosts");
    writeFileSync(candidate, `${sshAlias(step.lab)} ${key}\n`);
    const options = [
      `UserKnownHostsFile=${candidate}`,
      "PreferredAuthentications=none",
      "LogLevel=INFO",
      "ControlPath=none",
      "ConnectTimeout=5",
    ].flatMap((option) => ["-o", option]);
    const words = ["ssh", ...options, "-F", join(folder, "ssh_config"), sshAlias(step.lab), "true"];
    return (await runCommand(words, { timeoutSeconds: SHORT_SECONDS })).output;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function checkKey(step: WaitStep, output: string): void {
  if (/HOST IDENTIFICATION HAS CHANGED|Host key verification failed/.test(output)) {
    throw new StepFailed(
      `the machine at ${step.address} shows another host key than the one that is pinned in labs/${step.lab}/known_hosts. ` +
        `It is not the same machine, or somebody stands between; nothing was sent to it.\n${lastLines(output, 12)}`,
    );
  }
}
