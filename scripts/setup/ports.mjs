import { createServer } from "node:net";
import { Refusal } from "./refusal.mjs";
import { ask } from "./run.mjs";

/** @typedef {import("./lab-stack.mjs").PublishedPort} PublishedPort */

/**
 * Refuses a published port that something else listens on.
 *
 * @param {readonly PublishedPort[]} ports
 */
export async function checkPorts(ports) {
  for (const { address, port, container } of ports) {
    if (await isFree(address, port)) {
      continue;
    }
    const holders = ask("docker", ["ps", "--filter", `publish=${port}`, "--format", "{{.Names}}"]).stdout.split("\n");
    if (holders.includes(container)) {
      continue;
    }
    const holder = holders[0] ? `the container ${holders[0]}` : listener(port);
    throw new Refusal(
      `Port ${port} on ${address} is taken by ${holder}; the lab's ${container} needs it.`,
      "End that, or give the lab another port in the class file (gameApiPort of mids, jupyterPort of spark, webPort of home or superset), then try again.",
    );
  }
}

/**
 * @param {string} address
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function isFree(address, port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === "EADDRINUSE"
        ? resolve(false)
        : reject(new Refusal(`This machine can't listen on port ${port} of ${address}: ${error.message}.`)),
    );
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The process that listens on a port, as far as this user may know.
 *
 * @param {number} port
 */
function listener(port) {
  const pid =
    pidOfSs(ask("ss", ["-ltnpH", `sport = :${port}`]).stdout) ??
    pidOfLsof(ask("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"]).stdout);
  if (pid === undefined) {
    return "a process of another user";
  }
  const command = ask("ps", ["-o", "args=", "-p", String(pid)]).stdout;
  return `process ${pid}${command && ` (${command.slice(0, 120)})`}`;
}

/** @param {string} output of `ss -ltnpH` */
export function pidOfSs(output) {
  const pid = /pid=(\d+)/.exec(output)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** @param {string} output of `lsof -Fp` */
export function pidOfLsof(output) {
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
