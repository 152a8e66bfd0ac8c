import { EXIT, EXIT_MEANINGS } from "./command";

/** Ctrl-C and the like, for whoever is at work. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

type Handler = () => void;

/** The last one is told: it is at work within the work of the others. */
const handlers = new Set<Handler>();

function tell(): void {
  [...handlers].at(-1)?.();
}

/** Has `handler` told of Ctrl-C and the like, until the function that it gives is called. */
export function onInterrupt(handler: Handler): () => void {
  if (handlers.size === 0) {
    SIGNALS.forEach((signal) => process.on(signal, tell));
  }
  handlers.add(handler);
  return () => {
    handlers.delete(handler);
    if (handlers.size === 0) {
      SIGNALS.forEach((signal) => process.off(signal, tell));
    }
  };
}

/** Where no lab is being worked on, nothing has to be brought to an end: the program leaves, and says so. */
export function leaveOnInterrupt(): () => void {
  return onInterrupt(() => {
    process.stderr.write(`\n${EXIT_MEANINGS[EXIT.interrupted]}\n`);
    process.exit(EXIT.interrupted);
  });
}
