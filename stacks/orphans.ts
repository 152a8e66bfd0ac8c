import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { WORKING_DIR_LABEL } from "../platform/compose";
import type { LabHost } from "../platform/host";
import { labFolder } from "../platform/lab-files";
import { pinnedKey } from "../platform/ssh-files";
import { runCommand, sshCommand } from "../platform/steps/docker";
import { REPOSITORY } from "../platform/repository";

/** A lab, as far as its containers are to be found. */
export interface LabOnHost {
  readonly id: string;
  readonly host: LabHost;
}

/** Where the orphans that a deploy has cleared last are kept: their step runs again only when there are others. */
export function orphansFile(id: string): string {
  return join(labFolder(id), "orphans");
}

/**
 * The labs' containers that their Terraform states do not know: a deploy that was ended in the middle left them, or
 * docker-compose made them. They hold the names that the next deploy needs.
 *
 * @returns their ids by the lab's; of a lab without any, those that were cleared last, so that nothing changes
 */
export async function findOrphans(labs: readonly LabOnHost[]): Promise<Map<string, string[]>> {
  const lists = new Map<string, Promise<NamedContainer[]>>();
  const limit = pLimit(MAX_CONNECTIONS);
  const containersOn = (lab: LabOnHost): Promise<NamedContainer[]> => {
    const host = lab.host.ssh?.alias ?? lab.host.dockerHost ?? "";
    const list = lists.get(host) ?? limit(() => containers(lab));
    lists.set(host, list);
    return list;
  };
  return new Map(
    await Promise.all(
      labs.map(async (lab): Promise<[string, string[]]> => {
        const own = (await containersOn(lab)).filter((container) => isOf(lab, container));
        return [lab.id, unknown(lab.id, own)];
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

/** What another clone of the repository has brought up is not touched: Terraform will say that the name is taken. */
function isOf({ id, host }: LabOnHost, { name, folder }: NamedContainer): boolean {
  return (
    name.replace(/-[a-z]+$/, "") === `lab-${id}` &&
    (host.ssh ? folder === host.ssh.folder : existsSync(folder) && isSameFile(folder, labFolder(id)))
  );
}

function isSameFile(a: string, b: string): boolean {
  return existsSync(b) && realpathSync(a) === realpathSync(b);
}

function unknown(lab: string, containers: readonly NamedContainer[]): string[] {
  const known = read(join(labFolder(lab), "terraform.tfstate"));
  const found = containers.map(({ id }) => id).filter((id) => !known.includes(id));
  return found.length > 0 ? found.sort() : read(orphansFile(lab)).split(" ").filter(Boolean);
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

const FORMAT = `{{.ID}} {{.Names}} {{.Label "${WORKING_DIR_LABEL}"}}`;

/** A synth needs no Docker and no host: where there is none, the deploy will say so. */
async function containers({ id, host }: LabOnHost): Promise<NamedContainer[]> {
  const list = ["docker", "ps", "--all", "--no-trunc", "--filter", "name=^lab-", "--format", FORMAT];
  const { ssh } = host;
  if (ssh && pinnedKey(labFolder(id)) === undefined) {
    return [];
  }
  const env = host.dockerHost !== undefined && !ssh ? { DOCKER_HOST: host.dockerHost } : undefined;
  const words = ssh ? sshCommand(join(REPOSITORY, ssh.configFile), ssh.alias, list) : list;
  const { exitCode, output } = await runCommand(words, { env, timeoutSeconds: 15 });
  return exitCode === 0 ? output.split("\n").filter(Boolean).map(namedContainer) : [];
}

function namedContainer(line: string): NamedContainer {
  const [id = "", name = "", ...folder] = line.split(" ");
  return { id, name, folder: folder.join(" ") };
}
