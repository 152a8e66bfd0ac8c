import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { canInstall, install } from "./apt.mjs";
import { dockerHost, isStandard } from "./docker-host.mjs";
import { engineLog, startByHand } from "./dockerd.mjs";
import { Refusal } from "./refusal.mjs";
import { ask, has, work } from "./run.mjs";

/** How long an engine may take until it answers. */
const START_SECONDS = 60;

/**
 * What `docker version` came to.
 *
 * @typedef {"answers" | "no command" | "denied" | "silent"} EngineState
 */

/**
 * What the set-up can do about it.
 *
 * @typedef {object} Means
 * @property {boolean} standard the docker command asks the engine that Linux distributions start
 * @property {boolean} isRoot
 * @property {boolean} canInstall it is root on a Debian-like Linux
 * @property {boolean} hasEngine an engine is installed
 */

/** @type {import("./steps.mjs").Step} */
export const dockerEngine = {
  name: "Docker engine",
  async run(say) {
    const found = askEngine();
    const means = engineMeans();
    const action = nextAction(found.state, means);
    if (action === "none") {
      return found.version;
    }
    if (action === "refuse") {
      throw engineRefusal(found.state, means, found.message);
    }
    if (action === "install") {
      say("no Docker engine here: installing Debian's docker.io, iptables and docker-compose by apt-get, as root");
      install(["docker.io", "iptables", "docker-compose"], ["docker-cli"]);
    }
    return start(say);
  },
};

/** @returns {Means} */
export function engineMeans() {
  return {
    standard: isStandard(dockerHost()),
    isRoot: process.getuid?.() === 0,
    canInstall: canInstall(),
    hasEngine: has("dockerd"),
  };
}

/**
 * @param {EngineState} state
 * @param {Means} means
 * @returns {"none" | "install" | "start" | "refuse"}
 */
export function nextAction(state, means) {
  if (state === "answers") {
    return "none";
  }
  if (!means.standard || !means.isRoot || state === "denied") {
    return "refuse";
  }
  if (means.hasEngine && state === "silent") {
    return "start";
  }
  return means.canInstall ? "install" : "refuse";
}

/**
 * @param {EngineState} state
 * @param {Means} means
 * @param {string} message what docker said
 */
export function engineRefusal(state, means, message) {
  const said = message ? `\n${message}` : "";
  if (state === "no command") {
    return new Refusal(
      'There is no command "docker" on the PATH.',
      "Install Docker: Docker Desktop on macOS and Windows (WSL 2), your distribution's Docker engine on Linux\n" +
        "(Debian and Ubuntu: sudo apt-get install docker.io docker-compose). Then try again.",
    );
  }
  if (!means.standard) {
    return new Refusal(
      `The Docker engine at ${dockerHost()} does not answer.${said}`,
      "Start it (Docker Desktop, Colima, the other machine), or take DOCKER_HOST or `docker context` to another.",
    );
  }
  if (state === "denied") {
    return new Refusal(
      `You may not use this machine's Docker engine.${said}`,
      `Become a member of the group "docker", then log in again:\n  sudo usermod -aG docker ${userInfo().username}`,
    );
  }
  return new Refusal(
    `The Docker engine does not answer.${said}`,
    means.hasEngine
      ? "Start it, then try again:\n  sudo systemctl start docker"
      : "Start Docker Desktop (or your Docker engine) and wait until it is up, then try again. Where none is installed:\n" +
          "  sudo apt-get install docker.io docker-compose",
  );
}

/** @returns {{ state: EngineState, version: string, message: string }} */
export function askEngine() {
  const { ok, missing, stdout, stderr } = ask("docker", ["version", "--format", "{{.Server.Version}}"]);
  return { state: engineState({ ok, missing, stderr }), version: stdout, message: stderr };
}

/**
 * @param {{ ok: boolean, missing: boolean, stderr: string }} answer of `docker version`
 * @returns {EngineState}
 */
export function engineState({ ok, missing, stderr }) {
  if (missing) {
    return "no command";
  }
  if (ok) {
    return "answers";
  }
  return /permission denied/i.test(stderr) ? "denied" : "silent";
}

/** @param {import("./steps.mjs").Say} say */
async function start(say) {
  let ended = () => false;
  if (existsSync("/run/systemd/system")) {
    say("starting the Docker engine: systemctl enable --now docker");
    work("engine-start", "systemctl", ["enable", "--now", "docker"]);
  } else {
    say("starting the Docker engine: dockerd (no systemd here)");
    ended = startByHand();
  }
  const deadline = Date.now() + START_SECONDS * 1000;
  for (;;) {
    const { state, version, message } = askEngine();
    if (state === "answers") {
      return `${version}, started`;
    }
    if (ended() || Date.now() > deadline) {
      throw new Refusal(`The Docker engine was started, but does not answer.\n${message}`, engineLog());
    }
    await sleep(500);
  }
}
