import { chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../../platform/lab-files";
import { inTerminal, Outcome, run, Running, RunOptions, start } from "./shell";

/** Where a lab's student types: a folder on this machine, or on the lab's host. */
export interface Place {
  /** Runs a command in the lab's folder, without a terminal. */
  run(command: string, options?: RunOptions): Promise<Outcome>;
  /** Types a command of the notes in the lab's folder, at a terminal. */
  type(command: string, options?: RunOptions): Promise<Outcome>;
  /** Types one that goes on until it is interrupted. */
  typeAndLeave(command: string, options?: RunOptions): Running;
  /** Reads a file below /w205. */
  read(path: string): Promise<string>;
  /** Writes one, as the student. */
  write(path: string, text: string): Promise<void>;
  /** The address in the student's browser of a page that the lab publishes at this port. */
  page(port: 5000 | 8888): string;
  /** JupyterLab's token. */
  token(): string;
}

/** The token of a lab, as its folder on this machine has it. */
export function tokenOf(lab: string): string {
  return readFileSync(join(labFolder(lab), "jupyter-token"), "utf8").trim();
}

/** The folder of a lab on this machine. */
export function localPlace(lab: string, pages: Readonly<Record<5000 | 8888, number>>): Place {
  const cwd = labFolder(lab);
  const w205 = join(cwd, "w205");
  return {
    run: (command, options) => run(command, { cwd, ...options }),
    type: (command, options) => run(inTerminal(command), { cwd, ...options }),
    typeAndLeave: (command, options) => start(inTerminal(command), { cwd, ...options }),
    read: (path) => Promise.resolve(readFileSync(join(w205, path), "utf8")),
    write: (path, text) => {
      writeFileSync(join(w205, path), text);
      chownSync(join(w205, path), statSync(w205).uid, -1);
      return Promise.resolve();
    },
    page: (port) => `http://127.0.0.1:${pages[port]}`,
    token: () => tokenOf(lab),
  };
}

/** Rows that Presto answers, without the quotes of its CSV's ends. */
export async function presto(place: Place, query: string, options?: RunOptions): Promise<string[]> {
  const command = `docker-compose exec -T presto presto --server presto:8080 --catalog hive --schema default`;
  const { output } = await place.run(`${command} --execute "${query}" 2>/dev/null`, options);
  return output.trim().split("\n").filter(Boolean);
}
