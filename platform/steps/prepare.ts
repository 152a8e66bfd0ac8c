import { spawn } from "node:child_process";
import { create } from "tar";
import { Readable } from "node:stream";
import { labFolder } from "../lab-files";
import { say } from "./context";
import { docker, lastLines, onHost, Outcome, runCommand, SHORT_SECONDS, StepFailed } from "./docker";

/** Making a host ready for a lab. */
export interface PrepareStep {
  /** The folder on the host that will hold w205/. */
  readonly folder: string;
  /** Whom the student's containers run as: uid:gid. */
  readonly owner: string;
  /** The base image to carry there, if it is to be carried. */
  readonly image?: string;
}

const SHORT = { timeoutSeconds: SHORT_SECONDS };

/** The base image has some 100 MB, and a line may be slow. */
const CARRY = { timeoutSeconds: 3600 };

/** Checks the host, makes the student's folder, carries the base image. @throws StepFailed saying what to do */
export async function prepare({ folder, owner, image }: PrepareStep): Promise<void> {
  const who = answerOf(await onHost(["sh", "-c", 'echo "$(id -u):$(id -g)"'], SHORT), "could not be asked who logs in");
  if (who !== owner) {
    throw new StepFailed(
      `the user on the host has the numbers ${who}, but the lab's containers would run as ${owner}.\n` +
        `Give the lab's target in the class file: uid: ${who.split(":")[0]}, gid: ${who.split(":")[1]}`,
    );
  }
  const version = answerOf(
    await docker(["version", "--format", "{{.Server.Version}}"], SHORT),
    "has no Docker that this user may use (is the user in the group docker?)",
  );
  answerOf(
    await onHost(["mkdir", "-p", `${folder}/w205`], SHORT),
    `has no folder ${folder} that this user may write to`,
  );
  say(`the host is ready: Docker ${version}, student's folder ${folder}/w205`);
  if (image) {
    await carryImage(image);
  }
}

function answerOf({ exitCode, output }: Outcome, problem: string): string {
  if (exitCode !== 0) {
    throw new StepFailed(`the host ${problem}:\n${lastLines(output, 20)}`);
  }
  return output.trim();
}

/** Copies an image of this machine's Docker to the host's, unless it is there. Where this machine has none, the host pulls. */
async function carryImage(image: string): Promise<void> {
  const inspect = ["image", "inspect", "--format", "{{.Id}}", image];
  const here = await runCommand(["docker", ...inspect], SHORT);
  const there = await docker(inspect, SHORT);
  if (here.exitCode !== 0 || (there.exitCode === 0 && there.output === here.output)) {
    return;
  }
  const start = Date.now();
  const save = spawn("docker", ["save", image], { stdio: ["ignore", "pipe", "inherit"] });
  answerOf(await docker(["load", "--quiet"], { input: save.stdout, ...CARRY }), `did not take the base image ${image}`);
  say(`the base image ${image} is carried over in ${((Date.now() - start) / 1000).toFixed(0)} s`);
}

/** docker-compose's files of a lab, in its folder on this machine. */
const FILES = ["docker-compose.yml", ".env", "jupyter-token"];

/** Copies docker-compose's files of a lab into a folder on the host. @throws StepFailed */
export async function composeFiles(lab: string, folder: string): Promise<void> {
  const archive = Readable.from(create({ cwd: labFolder(lab), portable: true }, FILES));
  const unpack = ["tar", "-x", "-f", "-", "--no-same-owner", "-C", folder];
  answerOf(await onHost(unpack, { input: archive, ...SHORT }), `did not take docker-compose's files into ${folder}`);
  say(`docker-compose's files are in ${folder} on the host`);
}
