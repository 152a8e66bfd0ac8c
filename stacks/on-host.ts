import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { WORKING_DIR_LABEL } from "../platform/compose";
import type { LabHost } from "../platform/host";
import type { OnHost } from "../platform/lab";
import { labFolder } from "../platform/lab-files";
import { pinnedKey } from "../platform/ssh-files";
import { NETWORK } from "../platform/steps/clear";
import { runCommand, sshCommand } from "../platform/steps/docker";
import { REPOSITORY } from "../platform/repository";
import { LabWithState, readState } from "./lab-state";

/** A lab, as far as its containers are to be found. */
export interface LabOnHost extends LabWithState {
  readonly host: LabHost;
}

/** Where the orphans that a deploy has cleared last are kept: their step runs again only when there are others. */
export function orphansFile(id: string): string {
  return join(labFolder(id), "orphans");
}

/**
 * The labs' containers and networks that their Terraform states do not know (a deploy that was ended in the middle left
 * them, or docker-compose made them), and the project's images.
 *
 * @returns by the labs' ids
 * @throws StateUnreachable
 */
export async function findOnHosts(labs: readonly LabOnHost[]): Promise<Map<string, OnHost>> {
  const lists = new Map<string, Promise<Things>>();
  const limit = pLimit(MAX_CONNECTIONS);
  const thingsOn = (lab: LabOnHost): Promise<Things> => {
    const host = lab.host.ssh?.alias ?? lab.host.dockerHost ?? "";
    const list = lists.get(host) ?? limit(() => things(lab));
    lists.set(host, list);
    return list;
  };
  return new Map(
    await Promise.all(
      labs.map(async (lab): Promise<[string, OnHost]> => {
        const found = await thingsOn(lab);
        return [lab.id, { ...(await unknown(lab, ownOf(lab, found))), images: found.images }];
      }),
    ),
  );
}

/** Hosts that are asked at the same time. */
const MAX_CONNECTIONS = 16;

interface NamedContainer {
  readonly id: string;
  readonly name: string;
  /** The folder of the lab that made it. */
  readonly folder: string;
}

interface NamedNetwork {
  readonly id: string;
  readonly name: string;
}

interface Things {
  readonly containers: readonly NamedContainer[];
  readonly networks: readonly NamedNetwork[];
  /** By name and tag. */
  readonly images: readonly string[];
}

/** What another clone of the repository has brought up is not touched: Terraform will say that the name is taken. */
function ownOf({ id, host }: LabOnHost, { containers, networks }: Things): string[] {
  const name = `lab-${id}`;
  const named = containers.filter((container) => container.name.replace(/-[a-z]+$/, "") === name);
  const own = named.filter(({ folder }) =>
    host.ssh ? folder === host.ssh.folder : existsSync(folder) && isSameFile(folder, labFolder(id)),
  );
  // A network does not say whose it is; its containers do.
  const isOwn = own.length === named.length;
  return [
    ...own.map((container) => container.id),
    ...networks.filter((network) => isOwn && network.name === name).map((network) => `${NETWORK}${network.id}`),
  ];
}

function isSameFile(a: string, b: string): boolean {
  return existsSync(b) && realpathSync(a) === realpathSync(b);
}

async function unknown(lab: LabOnHost, own: readonly string[]): Promise<Omit<OnHost, "images">> {
  const known = own.length > 0 ? ((await readState(lab, "terraform.tfstate")) ?? "") : "";
  const isKnown = (id: string): boolean => known.includes(id.replace(NETWORK, ""));
  // A deploy was killed between the moment in which Docker had the network and the one in which Terraform knew it.
  const network =
    own.some(isKnown) && !known.includes('"docker_network"') ? own.find((id) => id.startsWith(NETWORK)) : undefined;
  const orphans = own.filter((id) => !isKnown(id) && id !== network).sort();
  return {
    orphans: orphans.length > 0 ? orphans : read(orphansFile(lab.id)).split(" ").filter(Boolean),
    network: network?.slice(NETWORK.length),
  };
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

const CONTAINERS = ["ps", "--all", "--filter", "name=^lab-"];
const CONTAINER_FORMAT = `{{.ID}} {{.Names}} {{.Label "${WORKING_DIR_LABEL}"}}`;
const NETWORKS = ["network", "ls", "--filter", "name=^lab-", "--filter", "label=com.docker.compose.network=default"];
const NETWORK_FORMAT = "{{.ID}} {{.Name}}";
const IMAGES = ["image", "ls", "--filter", "reference=fullstack-lab/*"];
const IMAGE_FORMAT = "{{.Repository}}:{{.Tag}}";

/** A synth needs no Docker and no host: where there is none, the deploy will say so. */
async function things({ id, host }: LabOnHost): Promise<Things> {
  const { ssh } = host;
  if (ssh && pinnedKey(labFolder(id)) === undefined) {
    return { containers: [], networks: [], images: [] };
  }
  const env = host.dockerHost !== undefined && !ssh ? { DOCKER_HOST: host.dockerHost } : undefined;
  const lines = async (words: readonly string[], format: string): Promise<string[][]> => {
    const list = ["docker", ...words, "--no-trunc", "--format", format];
    const command = ssh ? sshCommand(join(REPOSITORY, ssh.configFile), ssh.alias, list) : list;
    const { exitCode, output } = await runCommand(command, { env, timeoutSeconds: 15 });
    return exitCode === 0
      ? output
          .split("\n")
          .filter(Boolean)
          .map((line) => line.split(" "))
      : [];
  };
  const [containers, networks, images] = await Promise.all([
    lines(CONTAINERS, CONTAINER_FORMAT),
    lines(NETWORKS, NETWORK_FORMAT),
    lines(IMAGES, IMAGE_FORMAT),
  ]);
  return {
    containers: containers.map(([own = "", name = "", ...folder]) => ({ id: own, name, folder: folder.join(" ") })),
    networks: networks.map(([own = "", name = ""]) => ({ id: own, name })),
    images: images.flat(),
  };
}
