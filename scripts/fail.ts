/** Says what is wrong, in one message, and ends with 1. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
