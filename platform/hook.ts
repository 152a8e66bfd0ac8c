import { parser as python } from "@lezer/python";
import { Construct } from "constructs";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInputError, checkInteger, checkOptions } from "./checks";
import { filesIn } from "./files";
import { Lab } from "./lab";
import { oncePerApp } from "./once";
import { REPOSITORY } from "./repository";
import type { Service } from "./service";
import { Step } from "./step";

/** A post-deploy hook. */
export interface HookProps {
  /** The service in whose container the command runs. */
  readonly service: Service;
  /** The command and its arguments. It runs in a folder that holds `files`, and must be safe to run again. */
  readonly command: readonly string[];
  /**
   * A command that changes nothing and fails when the hook's result is gone: the canary runs it.
   * @default - the canary does not look at this hook's result
   */
  readonly check?: readonly string[];
  /**
   * Files and folders of the repository that the commands need, carried into the container.
   * @default - none
   */
  readonly files?: readonly string[];
  /**
   * Other services that must be healthy before, and whose loss makes the hook run again.
   * @default - only `service`
   */
  readonly actsOn?: readonly Service[];
  /**
   * Hooks that must have run before.
   * @default - none
   */
  readonly after?: readonly Hook[];
  /**
   * Seconds until the hook is ended and the deploy fails.
   * @default 60
   */
  readonly timeoutSeconds?: number;
}

/** A hook's steps, as words for platform/steps/run.ts. */
export interface HookSteps {
  readonly run: readonly string[];
  readonly check?: readonly string[];
}

const HOOK_OPTIONS = ["service", "command", "check", "files", "actsOn", "after", "timeoutSeconds"];

/**
 * A command that runs in a service's container after the services it needs are healthy. It runs again when its
 * command, its files or the containers it acts on change, and only then; when it fails, the deploy fails with its
 * last lines, and the next deploy tries it again.
 */
export class Hook extends Step {
  readonly hookName: string;
  /** The steps that run the hook and that look for its result: for `npm run hook` and the canary. */
  readonly steps: HookSteps;

  /** @throws BadInputError on a missing or empty file, a bad time-out or an empty command */
  constructor(scope: Construct, id: string, props: HookProps) {
    const where = `${scope.node.path}/${id}`;
    const lab = Lab.of(scope);
    const timeoutSeconds = props.timeoutSeconds ?? 60;
    const files = props.files ?? [];
    checkOptions(where, props, HOOK_OPTIONS);
    checkInteger(where, "timeoutSeconds", timeoutSeconds, 1, 3600);
    if (props.command.length === 0) {
      throw new BadInputError(where, `command is []; allowed is a program and its arguments.`);
    }
    if (lab.hooks.some((hook) => hook.hookName === id)) {
      throw new BadInputError(where, `the lab has a hook "${id}" already.`);
    }
    const filesHash = oncePerApp(scope, `files ${files.join("\0")}`, () => contentHash(where, files));
    const content = createHash("sha256").update(JSON.stringify([props.command, filesHash]));
    const services = [props.service, ...(props.actsOn ?? [])];
    const wordsFor = (kind: "hook" | "check", command: readonly string[]): string[] => [
      kind,
      "--name",
      id,
      "--container",
      props.service.containerName,
      "--timeout",
      String(timeoutSeconds),
      ...files.flatMap((file) => ["--file", file]),
      "--",
      ...command,
    ];
    super(scope, id, {
      words: wordsFor("hook", props.command),
      triggers: {
        content: content.digest("hex"),
        ...Object.fromEntries(services.map((service) => [service.serviceName, service.container.id])),
      },
      after: [
        ...services.map((service) => service.ready.resource),
        ...(props.after ?? []).map((hook) => hook.resource),
      ],
    });
    this.hookName = id;
    this.steps = { run: wordsFor("hook", props.command), check: props.check && wordsFor("check", props.check) };
    lab.hooks.push(this);
  }
}

/** A hash over the paths and contents of a hook's files. */
function contentHash(where: string, paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => filesBelow(where, path))) {
    hash.update(`\0${file}\0`).update(checkedContent(where, file));
  }
  return hash.digest("hex");
}

/** The files below a path of the repository, in a stable order, without what tools leave beside them. */
function filesBelow(where: string, path: string): string[] {
  const absolute = join(REPOSITORY, path);
  if (!existsSync(absolute)) {
    throw new BadInputError(where, `the file ${path} is missing; allowed is a file or folder of the repository.`);
  }
  if (statSync(absolute).isFile()) {
    return [path];
  }
  return filesIn(absolute).map((name) => `${path}/${name}`);
}

/** A file's content; what can be told of it before the deploy is told now. */
function checkedContent(where: string, file: string): Buffer {
  const content = readFileSync(join(REPOSITORY, file));
  const text = content.toString("utf8");
  if (file.endsWith(".sql") && !text.split("\n").some((line) => !/^\s*(--.*)?$/.test(line))) {
    throw new BadInputError(where, `the file ${file} has no statement; allowed is at least one.`);
  }
  if (file.endsWith(".py")) {
    checkPython(where, file, text);
  }
  return content;
}

/** Files that were found to be Python once, by their hashes: the look at all of them is a fifth of a synth's time. */
const PARSED = join(REPOSITORY, ".lab", "parsed");

function checkPython(where: string, file: string, text: string): void {
  const parsed = join(PARSED, createHash("sha256").update(text).digest("hex"));
  if (existsSync(parsed)) {
    return;
  }
  const line = pythonErrorLine(text);
  if (line !== undefined) {
    throw new BadInputError(where, `the file ${file} is not Python: line ${line} does not parse.`);
  }
  mkdirSync(PARSED, { recursive: true });
  writeFileSync(parsed, "");
}

/** The number of the first line that is not Python, if there is one. */
export function pythonErrorLine(text: string): number | undefined {
  let position: number | undefined;
  python.parse(text).iterate({
    enter: (node) => {
      position ??= node.type.isError ? node.from : undefined;
    },
  });
  return position === undefined ? undefined : text.slice(0, position).split("\n").length;
}
