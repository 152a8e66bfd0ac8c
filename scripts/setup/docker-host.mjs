import { ask } from "./run.mjs";

/** @type {string | undefined} */
let ofContext;

/** The address of the engine that the docker command asks: DOCKER_HOST's, else the current context's. */
export function dockerHost() {
  return (
    process.env.DOCKER_HOST ||
    (ofContext ??= ask("docker", ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).stdout)
  );
}

/**
 * Whether an engine's address is one of this machine. (Docker Desktop's is, though the engine is in a machine of its
 * own behind it.)
 *
 * @param {string} host
 */
export function isLocal(host) {
  return !host || host.startsWith("unix:") || host.startsWith("npipe:");
}

/**
 * Whether an engine's address is the one at which Linux distributions start theirs.
 *
 * @param {string} host
 */
export function isStandard(host) {
  return ["", "unix:///var/run/docker.sock", "unix:///run/docker.sock"].includes(host);
}
