import { Construct } from "constructs";
import { BadInputError } from "../platform/checks";
import { LabHost, localHost } from "../platform/host";
import type { Lab } from "../platform/lab";
import { pinSecret } from "../platform/pin-secret";
import { SshLogin, writeAccess, writeKnownHosts } from "../platform/ssh-files";
import { sshHost } from "../platform/ssh-host";
import type { LabEntry } from "../roster/class-file";
import type { HostTarget, Target } from "../roster/target";
import { DropletStack } from "./droplet-stack";
import { labFolder } from "../platform/lab-files";
import { hostMemoryMiB } from "./droplet-options";
import { writeLabFolder } from "./lab-folder";
import { isNewLab } from "./lab-state";
import { LabStack, LabStackProps } from "./lab-stack";

/** What a student of the class has: a lab, and a droplet for it when that is its target. */
export interface StudentStacks {
  readonly lab: Lab;
  readonly labStack: LabStack;
  readonly dropletStack?: DropletStack;
  readonly target: Target;
}

/** The user of a droplet. */
const DROPLET_USER = "science";

/** The id of a droplet's stack, by its lab's. */
export function dropletStackId(lab: string): string {
  return `${lab}-droplet`;
}

/** What is wrong with a lab whose stack's name is another's. */
export function stackTaken(stack: string): string {
  return `a stack has the name "${stack}" already: give the student another id.`;
}

/** How a student's stacks are declared. */
export interface StudentProps extends Pick<LabStackProps, "baseImage"> {
  /**
   * The one-time secret of the student's next droplet.
   * @default - the one in the lab's folder, where it is made when there is none
   */
  readonly pinSecret?: string;
}

/** Declares the stacks of a student. @throws BadInputError */
export function studentStacks(app: Construct, entry: LabEntry, props: StudentProps = {}): StudentStacks {
  const { id, services, target, state } = entry;
  if (app.node.tryFindChild(id)) {
    throw new BadInputError(id, stackTaken(id));
  }
  const labStack = new LabStack(app, id, {
    host: labHost(entry),
    services,
    state,
    hostMemoryMiB: target?.kind === "digitalocean" ? hostMemoryMiB(target.options) : undefined,
    baseImage: props.baseImage,
    isNew: isNewLab(entry),
  });
  const { lab } = labStack;
  if (target?.kind !== "digitalocean") {
    return { lab, labStack, target };
  }
  const stack = dropletStackId(id);
  if (app.node.tryFindChild(stack)) {
    throw new BadInputError(id, stackTaken(stack));
  }
  const dropletStack = new DropletStack(app, stack, {
    lab: id,
    services: lab.services,
    pinSecret: props.pinSecret ?? pinSecret(labFolder(id)),
    options: target.options,
    state,
  });
  labStack.addDependency(dropletStack);
  return { lab, labStack, dropletStack, target };
}

/** Where a student's lab runs. @throws BadInputError */
export function labHost({ id: lab, target }: LabEntry): LabHost {
  switch (target?.kind) {
    case undefined:
      return localHost();
    case "digitalocean":
      return sshHost(lab, { lab, user: DROPLET_USER });
    case "host":
      return sshHost(lab, {
        lab,
        user: target.user,
        address: target.address,
        port: target.port,
        folder: target.folder,
        uid: target.uid,
        gid: target.gid,
      });
  }
}

/**
 * Writes what belongs to a student's stacks on this machine.
 *
 * @param orphans what the lab's deploy clears; kept, so that the next synth of the lab is the same
 */
export function writeStudentFolder(
  { lab, dropletStack, target }: StudentStacks,
  orphans: readonly string[] = [],
): void {
  writeLabFolder(lab, orphans);
  if (target) {
    const folder = labFolder(lab.id);
    if (target.kind === "host") {
      writeKnownHosts(folder, lab.id, target.hostKey);
    }
    writeAccess(folder, login(lab, target, dropletStack));
  }
}

function login(lab: Lab, target: HostTarget | { readonly kind: "digitalocean" }, droplet?: DropletStack): SshLogin {
  const pages = Object.fromEntries(
    lab.services.flatMap((service) => service.publishedPorts.map(({ what, external }) => [what, external])),
  );
  return target.kind === "host"
    ? {
        lab: lab.id,
        user: target.user,
        address: target.address,
        port: target.port,
        identityFile: target.identityFile,
        pages,
      }
    : { lab: lab.id, user: DROPLET_USER, port: 22, identityFile: droplet?.settings.identityFile, pages };
}
