import { EXIT, EXIT_MEANINGS } from "./command";

/** Ctrl-C and the like, for whoever is at work. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

type Handler = () => void;

/** The last one is told: it is at work within the work of the others. */
const handlers: Handler[] = [];

function tell(): void {
  handlers.at(-1)?.();
}

/** Has `handler` told of Ctrl-C and the like, until the function that it gives is called. */
export function onInterrupt(handler: Handler): () => void {
  if (handlers.length === 0) {
    SIGNALS.forEach((signal) => process.on(signal, tell));
  }
  handlers.push(handler);
  return () => {
    handlers.splice(handlers.lastIndexOf(handler), 1);
    if (handlers.length === 0) {
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
