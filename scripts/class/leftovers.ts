/** What is left of labs after a `down`, and the command that removes each thing. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CloudThing, cloudThings, NoAnswer, removeCommand } from "../../platform/digitalocean-things";
import { DockerThings, localThings, NoDocker, remoteThings, thingsOf } from "../../platform/docker-things";
import { writeIfChanged } from "../../platform/files";
import { isGolden } from "../../platform/golden-images";
import { labFolder } from "../../platform/lab-files";
import { sshAlias } from "../../platform/ssh-host";
import { digitalOceanToken } from "../../platform/steps/account";
import type { LabClass } from "../../roster/class-file";
import { LabWithState, readState } from "../../stacks/lab-state";
import { classNames, strayStudent } from "./droplets";

/** Something that is left of a lab. */
export interface Leftover {
  /** Such as `container lab-ann-kafka`. */
  readonly what: string;
  /** The command that removes it. */
  readonly remove: string;
}

/** What was looked at for a lab, and what was found. */
export interface Proof {
  readonly lab: string;
  readonly leftovers: readonly Leftover[];
  /** Where nothing was found, in words. */
  readonly looked: readonly string[];
  /** Golden images of its class: they are nobody's lab, and cost something until they are deleted. */
  readonly kept?: readonly string[];
  /** Why it is not known whether something is left. */
  readonly unknown?: string;
}

/** Something of the class that no student in its file has: of somebody who left it, or whose id is another one now. */
export interface Stray extends Leftover {
  /** Whose it was. */
  readonly lab: string;
  /** It costs something. What is on this machine does not, and may be another class's. */
  readonly billed: boolean;
}

/** Where a lab is to be looked for. */
export interface LabPlace {
  readonly lab: string;
  readonly kind: "local" | "host" | "digitalocean";
  /** The class's name in the tags of a droplet. */
  readonly className?: string;
}

/** Looks for what is left of these labs. */
export async function lookForLeftovers(places: readonly LabPlace[]): Promise<Proof[]> {
  const ofKind = (kind: LabPlace["kind"]): boolean => places.some((place) => place.kind === kind);
  const [here, cloud] = await Promise.all([
    ofKind("local") ? localThings().catch(known) : undefined,
    ofKind("digitalocean") ? cloudThings().catch(known) : undefined,
  ]);
  return Promise.all(
    places.map(async (place): Promise<Proof> => {
      const { lab, kind } = place;
      if (kind === "digitalocean") {
        return cloud instanceof Error ? unknown(lab, cloud) : inCloud(place, cloud ?? []);
      }
      const found = kind === "local" ? here : await remoteThings(lab).catch(known);
      if (found instanceof Error) {
        return unknown(lab, found);
      }
      return onDocker(lab, found instanceof Map ? thingsOf(found, lab) : found, kind);
    }),
  );
}

/**
 * Looks for what no student in the class file has. What can't be asked has none: whether something is left is not known
 * then, which its labs' proofs say.
 */
export async function lookForStrays({ name, labs }: Pick<LabClass, "name" | "labs">): Promise<Stray[]> {
  const [here, cloud] = await Promise.all([
    labs.some(({ target }) => !target) ? localThings().catch(known) : undefined,
    digitalOceanToken() ? cloudThings().catch(known) : undefined,
  ]);
  const inFile = new Set(labs.map(({ id }) => id));
  return [
    ...(Array.isArray(cloud) ? cloud : []).flatMap((thing): Stray[] => {
      const lab = strayStudent(thing.tags, { labs, classNames: [name, ...classNames(labs)] });
      return lab === undefined
        ? []
        : [{ lab, what: `${thing.kind} ${thing.name}`, billed: true, remove: takeAway(lab) ?? removeCommand(thing) }];
    }),
    ...(here instanceof Map ? [...here.keys()] : [])
      .filter((lab) => !inFile.has(lab))
      .map((lab) => ({
        lab,
        what: "lab",
        billed: false,
        remove: takeAway(lab) ?? "in another clone of the repository",
      })),
  ];
}

/** The command that takes a lab away whose state is here. */
function takeAway(lab: string): string | undefined {
  return existsSync(labFolder(lab)) ? `npm run class -- down ${lab}` : undefined;
}

function known(error: Error): Error {
  if (error instanceof NoDocker || error instanceof NoAnswer) {
    return error;
  }
  throw error;
}

function unknown(lab: string, { message }: Error): Proof {
  return { lab, leftovers: [], looked: [], unknown: message };
}

function onDocker(lab: string, things: DockerThings | undefined, kind: "local" | "host"): Proof {
  const there = kind === "local" ? "docker" : `ssh -F labs/${lab}/ssh_config ${sshAlias(lab)} docker`;
  const leftovers = [
    ...(things?.containers ?? []).map(({ name }) => ({ what: `container ${name}`, remove: `${there} rm -fv ${name}` })),
    ...(things?.networks ?? []).map((name) => ({ what: `network ${name}`, remove: `${there} network rm ${name}` })),
    ...(things?.volumes ?? []).map((name) => ({ what: `volume ${name}`, remove: `${there} volume rm ${name}` })),
  ];
  const where = kind === "local" ? "Docker on this machine" : "Docker on its host";
  return {
    lab,
    leftovers,
    looked: [
      things
        ? `${where} has no container, network or volume with its label`
        : "no host of it is known: it was not brought up",
    ],
  };
}

/** What the account had of a lab before it was taken away: a snapshot and a reserved IP say whose they are by this. */
interface Had {
  readonly ids: readonly string[];
}

function hadFile(lab: string): string {
  return join(labFolder(lab), "taking-away.json");
}

interface State {
  readonly resources?: readonly {
    readonly instances: readonly { readonly attributes?: { readonly id?: string; readonly ip_address?: string } }[];
  }[];
}

/** Notes what the state of a lab's droplet names, before it is destroyed. An earlier note stays. */
export async function noteWhatThereIs(lab: LabWithState): Promise<void> {
  const text = await readState(lab, "droplet.tfstate");
  if (text) {
    const { resources = [] } = JSON.parse(text) as State;
    const now = resources.flatMap(({ instances }) =>
      instances.flatMap(({ attributes }) => [attributes?.id ?? [], attributes?.ip_address ?? []].flat()),
    );
    writeIfChanged(hadFile(lab.id), JSON.stringify({ ids: [...new Set([...had(lab.id).ids, ...now])] } satisfies Had));
  }
}

/** Whether a lab's taking away has begun that had something in an account. */
export function wasOnDroplet(lab: string): boolean {
  return existsSync(hadFile(lab));
}

function had(lab: string): Had {
  return existsSync(hadFile(lab)) ? (JSON.parse(readFileSync(hadFile(lab), "utf8")) as Had) : { ids: [] };
}

function inCloud({ lab, className = "class" }: LabPlace, things: readonly CloudThing[]): Proof {
  const ids = new Set(had(lab).ids);
  // Another class in the account may have a student of the same id.
  const tags = [`student:${lab}`, `class:${className}`.toLowerCase()];
  const own = things.filter(
    (thing) =>
      ids.has(thing.id) ||
      (thing.of !== undefined && ids.has(thing.of) && !isGolden(thing.name)) ||
      tags.every((tag) => thing.tags.includes(tag)) ||
      (thing.idle && thing.name === sshAlias(lab)),
  );
  if (own.length === 0) {
    rmSync(hadFile(lab), { force: true });
  }
  return {
    lab,
    leftovers: own.map((thing) => ({ what: `${thing.kind} ${thing.name || thing.id}`, remove: removeCommand(thing) })),
    kept: things.filter(({ kind, name }) => kind === "snapshot" && isGolden(name, className)).map(({ name }) => name),
    looked: ["DigitalOcean has no droplet, volume, firewall, reserved IP or snapshot of it"],
  };
}

/** Proof or leftovers, for a person. */
export function proofText(proofs: readonly Proof[], strays: readonly Stray[] = []): string {
  const clean = proofs.filter(({ leftovers, unknown }) => leftovers.length === 0 && unknown === undefined);
  const kept = [...new Set(proofs.flatMap((proof) => proof.kept ?? []))];
  const looked = [...new Set(clean.flatMap((proof) => proof.looked))];
  return [
    ...looked.map(
      (where) =>
        `${where}: ${clean
          .filter((proof) => proof.looked.includes(where))
          .map(({ lab }) => lab)
          .join(", ")}`,
    ),
    ...proofs.flatMap(({ lab, leftovers, unknown }) => [
      ...(unknown === undefined ? [] : [`Not known whether something is left of ${lab}: ${unknown}`]),
      ...(leftovers.length === 0 ? [] : [`Left of ${lab}:`]),
      ...leftovers.map(({ what, remove }) => `  ${what}: ${remove}`),
    ]),
    ...(kept.length === 0
      ? []
      : [`Kept for the class, and billed: ${kept.join(", ")}. To delete: npm run class -- golden --remove`]),
    ...strayText(
      "Billed, and of nobody in the class file:",
      strays.filter(({ billed }) => billed),
    ),
    ...strayText(
      "Also on this machine, of nobody in the class file:",
      strays.filter(({ billed }) => !billed),
    ),
  ].join("\n");
}

function strayText(head: string, strays: readonly Stray[]): string[] {
  return strays.length === 0 ? [] : [head, ...strays.map(({ lab, what, remove }) => `  ${what} (${lab}): ${remove}`)];
}
