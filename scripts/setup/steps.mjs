import { withLock } from "./lock.mjs";

/** @typedef {(line: string) => void} Say */

/**
 * A step of the set-up. It looks whether its work is done already, and does what is missing.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {(say: Say) => string | Promise<string>} run gives what is there now, in a few words; `say` is for what
 *   takes its time or changes the machine
 */

/**
 * Runs steps in order, one line for each; what a step says comes below it.
 *
 * @param {readonly Step[]} steps
 * @param {(text: string) => void} [write]
 */
export async function runSteps(steps, write = (text) => process.stdout.write(text)) {
  for (const [index, { name, run }] of steps.entries()) {
    let open = true;
    write(`${index + 1}/${steps.length} ${name} ...`);
    /** @type {Say} */
    const say = (line) => {
      write(`${open ? "\n" : ""}    ${line}\n`);
      open = false;
    };
    try {
      const result = await withLock(say, () => run(say));
      write(`${open ? " " : "    "}${result}\n`);
    } catch (error) {
      write(`${open ? " " : "    "}failed\n`);
      throw error;
    }
  }
}
