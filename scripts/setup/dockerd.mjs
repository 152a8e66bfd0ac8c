import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { lastLines } from "./run.mjs";

const LOG = "/var/log/fullstack-lab-dockerd.log";
const PID_FILES = { dockerd: "/var/run/docker.pid", containerd: "/var/run/docker/containerd/containerd.pid" };

/**
 * Starts dockerd where nothing else does; it outlives this process.
 *
 * @returns {() => boolean} whether it ended again
 */
export function startByHand() {
  if (isRunning("dockerd")) {
    // It only needs its time.
    return () => !isRunning("dockerd");
  }
  // A killed engine leaves its pid files behind, and the next one waits for whatever has those numbers by then.
  rmSync(PID_FILES.dockerd, { force: true });
  if (!isRunning("containerd")) {
    rmSync(PID_FILES.containerd, { force: true });
  }
  const log = openSync(LOG, "a");
  const dockerd = spawn("dockerd", { detached: true, stdio: ["ignore", log, log] });
  dockerd.unref();
  return () => dockerd.exitCode !== null || dockerd.signalCode !== null;
}

/** What dockerd said last, where this set-up started it. */
export function engineLog() {
  return existsSync(LOG) ? `The end of ${LOG}:\n${lastLines(readFileSync(LOG, "utf8"))}` : "";
}

/**
 * Whether the process of a pid file runs. One that is dead, but not yet buried, has no command line.
 *
 * @param {keyof typeof PID_FILES} command
 */
function isRunning(command) {
  const file = PID_FILES[command];
  const commandLine = existsSync(file) ? `/proc/${readFileSync(file, "utf8").trim()}/cmdline` : "";
  return existsSync(commandLine) && readFileSync(commandLine, "utf8").includes(command);
}
