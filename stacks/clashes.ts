import type { App } from "cdktf";
import { BadInputError } from "../platform/checks";
import { portClashes, PortUser } from "../platform/published-ports";
import type { LabEntry } from "../roster/class-file";
import { stackTaken } from "./student-stacks";

/** A lab that was declared, as far as the rest of its class must know it: another process may have its constructs. */
export interface DeclaredLab {
  readonly id: string;
  /** Its stacks as cdktf's manifest has them, in the order in which they are deployed. */
  readonly stacks: readonly App["manifest"]["stacks"][string][];
  /**
   * Its folder on a machine that other labs may have as well.
   * @default - it is in labs/
   */
  readonly folder?: string;
  readonly ports: readonly PortUser[];
}

/** Something that two labs would have both. */
interface Clash {
  /** The later of the two. */
  readonly lab: string;
  readonly other: string;
  /** The later one's. */
  readonly mistake: BadInputError;
}

type Sources = ReadonlyMap<string, LabEntry["source"]>;

/**
 * What labs of a class would have both: stacks, folders and ports, as mistakes of the later one.
 *
 * @param counts whether a lab is told of another, which comes before it
 */
export function clashes(
  entries: readonly LabEntry[],
  labs: readonly DeclaredLab[],
  counts: (lab: string, other: string) => boolean = () => true,
): BadInputError[] {
  const sources: Sources = new Map(entries.map(({ id, source }) => [id, source]));
  return [...stacksTaken(labs, sources), ...foldersTaken(labs, sources), ...portsTaken(labs, sources)]
    .filter(({ lab, other }) => counts(lab, other))
    .map(({ mistake }) => mistake);
}

/** Stacks of labs that are in different parts: in one part, the later one could not be declared. */
function stacksTaken(labs: readonly DeclaredLab[], sources: Sources): Clash[] {
  const taken = new Map<string, string>();
  return labs.flatMap(({ id, stacks }) =>
    stacks.flatMap(({ name }) => {
      const other = taken.get(name);
      taken.set(name, other ?? id);
      const mistake = new BadInputError(id, stackTaken(name));
      return other === undefined ? [] : [{ lab: id, other, mistake: sources.get(id)?.locate(mistake) ?? mistake }];
    }),
  );
}

function foldersTaken(labs: readonly DeclaredLab[], sources: Sources): Clash[] {
  const taken = new Map<string, string>();
  return labs.flatMap(({ id, folder }) => {
    if (folder === undefined) {
      return [];
    }
    const other = taken.get(folder);
    if (other === undefined) {
      taken.set(folder, id);
      return [];
    }
    const problem = `the folder ${folder} would be that of two labs, ${other} and ${id}. Give one of them another folder.`;
    return [
      { lab: id, other, mistake: new BadInputError(sources.get(id)?.target(["folder"]) ?? id, problem, ["folder"]) },
    ];
  });
}

function portsTaken(labs: readonly DeclaredLab[], sources: Sources): Clash[] {
  const place = ({ lab, service, option }: PortUser): string | undefined =>
    sources.get(lab)?.service(service, [option]);
  return portClashes(labs.flatMap(({ ports }) => ports)).map(({ message, user, other }) => {
    const otherPlace = place(other);
    return {
      lab: user.lab,
      other: other.lab,
      mistake: new BadInputError(place(user) ?? "host ports", message(otherPlace && ` at ${otherPlace}`)),
    };
  });
}
