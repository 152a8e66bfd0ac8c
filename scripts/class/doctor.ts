import type { Command } from "commander";
import { collectMistakes } from "../../platform/checks";
import { inspectClass, LabEntry } from "../../roster/class-file";
import { classMistakes, publishedPorts } from "../../stacks/synthesize";
import { addCommand, CommandResult, EXIT } from "./command";
import {
  accountCheck,
  classFileCheck,
  examine,
  expiryCheck,
  Finding,
  hostChecks,
  imageCheck,
  localChecks,
  machineChecks,
  sshCheck,
  stateCheck,
} from "./doctor-checks";

/** Says what is missing or wrong, each with its cure. */
export function doctor(program: Command): void {
  addCommand(program, {
    usage: "doctor",
    description:
      "Say what is missing or wrong on this machine and in the class file, each with its cure. Changes nothing.",
    run: diagnose,
  });
}

async function diagnose(): Promise<CommandResult> {
  const inspected = inspectClass();
  const mistakes = classMistakes(inspected);
  const { labs } = inspected.result;
  const on = (kind: string | undefined): LabEntry[] => labs.filter(({ target }) => target?.kind === kind);
  const here = on(undefined);
  const droplets = on("digitalocean");
  const ports = collectMistakes(() => publishedPorts(here)).result ?? [];
  const findings = await examine([
    ...(await machineChecks()),
    classFileCheck(mistakes, labs.length),
    expiryCheck(labs, new Date()),
    ...(here.length > 0 ? await localChecks(ports) : []),
    ...(here.length < labs.length ? [sshCheck()] : []),
    ...(droplets.length > 0 ? [accountCheck(droplets), ...imageCheck(droplets)] : []),
    ...hostChecks(labs),
    ...stateCheck(labs),
  ]);
  const wrong = findings.filter(({ ok }) => !ok);
  const exitCode =
    wrong.length === 0 ? EXIT.done : wrong.every(({ name }) => name === "class file") ? EXIT.badInput : EXIT.fault;
  return { exitCode, json: { findings }, text: doctorText(findings) };
}

/** What was found, for a person. */
export function doctorText(findings: readonly Finding[]): string {
  const wrong = findings.filter(({ ok }) => !ok).length;
  const lines = findings.map(
    ({ name, ok, message }) => `${ok ? "ok   " : "WRONG"}  ${name}: ${message.replaceAll("\n", "\n         ")}`,
  );
  return [
    ...lines,
    wrong === 0 ? "Nothing is wrong." : `${wrong} ${wrong === 1 ? "thing is" : "things are"} wrong.`,
  ].join("\n");
}
