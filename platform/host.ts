import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where a lab's containers run. No service knows which of these it is on. */
export interface LabHost {
  /**
   * The Docker socket's address as the docker provider takes it.
   * @default - the provider's own: DOCKER_HOST, else /var/run/docker.sock
   */
  readonly dockerHost?: string;
  /** The number of the user and group that own the student's folder and run the containers. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /**
   * How the host is reached when it is another machine.
   * @default - it is this machine
   */
  readonly ssh?: SshAccess;
}

/** What the commands on this machine must know of a host that is reached by SSH; all else is in `configFile`. */
export interface SshAccess {
  /** The host's name in `configFile`. */
  readonly alias: string;
  /** Whom to log in as. */
  readonly user: string;
  /** The ssh_config that names the address and the pinned host key: a path below the repository's root. */
  readonly configFile: string;
  /** The folder on the host that holds `w205/` and docker-compose's files. */
  readonly folder: string;
  /** Tells hosts apart: two labs with the same one share their ports. */
  readonly machine: string;
}

/** The environment by which a step knows its host: see platform/steps/docker.ts. `path` makes a path its own. */
export function hostEnvironment(host: LabHost, path: (path: string) => string): Record<string, string> | undefined {
  if (host.ssh) {
    return { LAB_SSH_CONFIG: path(host.ssh.configFile), LAB_SSH_HOST: host.ssh.alias };
  }
  return host.dockerHost ? { DOCKER_HOST: host.dockerHost } : undefined;
}

/** The user `science` of the images. */
export const SCIENCE_UID = 1000;

/**
 * This machine's Docker engine. The containers run as the user who deploys, so that the files in `w205/` are theirs;
 * where that is root, as `science` (1000).
 */
export function localHost(): LabHost {
  const uid = process.getuid?.() ?? SCIENCE_UID;
  const gid = process.getgid?.() ?? SCIENCE_UID;
  return {
    dockerHost: dockerContextHost(),
    owner: uid === 0 ? { uid: SCIENCE_UID, gid: SCIENCE_UID } : { uid, gid },
  };
}

/**
 * The docker command follows `docker context`, the docker provider does not: this hands the provider the address that
 * the command uses (Docker Desktop, Colima, rootless).
 */
function dockerContextHost(): string | undefined {
  if (process.env.DOCKER_HOST) {
    return undefined;
  }
  const configFile = join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
  const config = existsSync(configFile) ? (JSON.parse(readFileSync(configFile, "utf8")) as DockerConfig) : {};
  const context = process.env.DOCKER_CONTEXT ?? config.currentContext;
  if (!context || context === "default") {
    return undefined;
  }
  const format = "{{.Endpoints.docker.Host}}";
  return execFileSync("docker", ["context", "inspect", context, "--format", format], { encoding: "utf8" }).trim();
}

interface DockerConfig {
  readonly currentContext?: string;
}
