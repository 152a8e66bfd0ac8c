import { AsyncLocalStorage } from "node:async_hooks";

/** A host as the environment names it; without anything it is this machine. */
export interface HostVariables {
  readonly LAB_SSH_CONFIG?: string;
  readonly LAB_SSH_HOST?: string;
  readonly DOCKER_HOST?: string;
}

/** What steps go by that are done in a process where others may be done as well. */
export interface StepContext {
  /**
   * Their host.
   * @default - the one that the process's environment names
   */
  readonly host?: HostVariables;
  /**
   * Takes what they say.
   * @default console.log
   */
  readonly say?: (text: string) => void;
  /**
   * Ends them, and the commands that they run.
   * @default - never
   */
  readonly signal?: AbortSignal;
}

const contexts = new AsyncLocalStorage<StepContext>();

/** Does some work whose steps go by this. */
export function inContext<T>(context: StepContext, work: () => Promise<T>): Promise<T> {
  return contexts.run(context, work);
}

/** What the steps of the present work go by. */
export function stepContext(): StepContext {
  return contexts.getStore() ?? {};
}

/** Tells whoever waits for the present step. */
export function say(text: string): void {
  (stepContext().say ?? console.log)(text);
}
