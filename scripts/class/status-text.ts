/** A lab's status in words, for the table and for the page. */
import type { LabStatus } from "./lab-status";

/** What the status says of each lab. */
export interface StatusColumn {
  readonly head: string;
  readonly text: (lab: LabStatus, now: Date) => string;
  /**
   * What went wrong, told beside it.
   * @default - nothing
   */
  readonly problem?: (lab: LabStatus) => string | undefined;
  /**
   * The page's style of it.
   * @default - as the others
   */
  readonly style?: (lab: LabStatus) => string;
}

/** Its state, and the command that is at work on it. */
export function stateText({ state, atWork }: LabStatus): string {
  return atWork ? `${state} (${atWork.replace("npm run class -- ", "")} is at work)` : state;
}

/** How many services are healthy, and those that are not by name. */
export function servicesText({ services }: LabStatus): string {
  const bad = services.filter(({ health }) => health !== "healthy");
  const well = `${services.length - bad.length} of ${services.length}`;
  return services.length === 0 ? "-" : [well, ...bad.map(({ name, health }) => `${name} ${health}`)].join(", ");
}

/** How the last canary went, and how long ago. */
export function canaryText({ canary }: LabStatus, now: Date): string {
  return canary ? `${canary.green ? "green" : "broken"}, ${ageOf(canary.at, now)} ago` : "-";
}

/** The exercise's steps that were done at the last look, and how long ago that was. */
export function exerciseText({ exercise }: LabStatus, now: Date): string {
  return exercise ? `${exercise.done} of ${exercise.of}, ${ageOf(exercise.at, now)} ago` : "-";
}

/** When it ends; what is past its end and still there is told so. */
export function expiryText({ expires, state }: LabStatus, now: Date): string {
  if (expires === undefined) {
    return "-";
  }
  const past = new Date(expires) <= now && state !== "none";
  return `${expires.slice(0, 16).replace("T", " ")} UTC${past ? ", past" : ""}`;
}

/** What it has cost so far; a lab that is paid for by nobody here has none. */
export function costSoFarText({ costSoFar }: LabStatus): string {
  return costSoFar === 0 ? "-" : dollars(costSoFar);
}

/** What these have cost so far; unknown where one's is. */
export function costOfAll(labs: readonly LabStatus[]): number | undefined {
  return labs.some(({ costSoFar }) => costSoFar === undefined)
    ? undefined
    : labs.reduce((so, { costSoFar = 0 }) => so + costSoFar, 0);
}

/** An amount in US dollars; `?` for an unknown one. */
export function dollars(amount: number | undefined, digits = 2): string {
  return amount === undefined ? "?" : `$${amount.toFixed(digits)}`;
}

const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
] as const;

/** How long ago a time was, in its largest unit: `3 d`. */
export function ageOf(since: string | undefined, now: Date): string {
  if (since === undefined) {
    return "-";
  }
  const seconds = Math.max(0, (now.getTime() - new Date(since).getTime()) / 1000);
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** The columns of the table and of the page, after the lab's name. */
export const STATUS_COLUMNS: readonly StatusColumn[] = [
  { head: "State", text: stateText, problem: ({ problem }) => problem, style: ({ state }) => state },
  { head: "Services", text: servicesText },
  { head: "Canary", text: canaryText, problem: ({ canary }) => canary?.problem },
  { head: "Exercise", text: exerciseText },
  { head: "Age", text: ({ since }, now) => ageOf(since, now) },
  { head: "Ends", text: expiryText },
  { head: "Cost so far", text: costSoFarText },
];
