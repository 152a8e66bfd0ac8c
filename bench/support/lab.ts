import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { REPOSITORY } from "../../platform/repository";
import { SERVICE_NAMES, ServicesOptions } from "../../stacks/lab-stack";
import { Outcome, quote, run } from "../../test/e2e/support/shell";
import { sweepLab } from "../../test/e2e/support/sweep";
import { seconds } from "../harness/turns";
import { Flight, flight } from "./flight";
import { BenchLab, benchLab, writeClass } from "./labs";

/** A service's container becomes healthy within these, or the measurement fails. */
const HEALTHY_WITHIN_SECONDS = 120;

/** How long a deploy took, in seconds. */
export interface DeployTimes {
  /** From the command to its end, without the canary's flight. */
  readonly green: number;
  /** The canary's flight; 0 where it did not fly. */
  readonly canary: number;
}

/** How long docker-compose took, in seconds from the command. */
export interface ComposeTimes {
  /** Until each service's health command, asked twice a second as a deploy asks it, has said yes. */
  readonly answering: number;
  /** Until Docker says that all are healthy, which asks them by the intervals of docker-compose.yml. */
  readonly healthy: number;
}

/** A lab on this machine that the bench brings up, works in and takes away. */
export class Lab {
  readonly id: string;
  private readonly entry: BenchLab;
  private readonly environment: Readonly<Record<string, string>>;

  /**
   * @param id the lab's id
   * @param firstPort the first of its two host ports
   */
  constructor(id: string, firstPort: number, services: ServicesOptions = {}) {
    this.id = id;
    this.entry = benchLab(id, firstPort, services);
    this.environment = { CLASS_FILE: writeClass(id, [this.entry]), CHECKPOINT_DISABLE: "1", CI: "true" };
  }

  /** The lab's folder: its docker-compose.yml, its state. */
  get folder(): string {
    return labFolder(this.id);
  }

  /** The names of its containers. */
  get containers(): string[] {
    return SERVICE_NAMES.map((service) => `lab-${this.id}-${service}`);
  }

  /** Brings the lab up, or changes nothing, as its user does. */
  async deploy(): Promise<DeployTimes> {
    let output = "";
    const all = await seconds(async () => {
      ({ output } = await this.type(`npm run --silent lab -- ${this.id}`));
    });
    const canary = Number(/canary: green in ([\d.]+) s/.exec(output)?.[1] ?? 0);
    return { green: all - canary, canary };
  }

  /** Takes the lab away, and all that is on its volumes, and looks whether anything is left. */
  destroy(): Promise<number> {
    return seconds(() => this.type(`npm run --silent class -- down ${this.id} --no-save`));
  }

  /** Lets the canary fly, as its user does. */
  async flyCanary(): Promise<Flight> {
    return flight((await this.type(`npm run --silent canary -- ${this.id}`)).output);
  }

  /** Terraform alone, on the stack that the last deploy left. */
  apply(): Promise<number> {
    const cwd = join(REPOSITORY, "cdktf.out", "stacks", this.id);
    return seconds(() => this.type("terraform apply -auto-approve -input=false", cwd));
  }

  /** The same containers by docker-compose. */
  async composeUp(): Promise<ComposeTimes> {
    const answering = await seconds(async () => {
      await this.compose("up -d");
      await Promise.all(
        this.containers.map((name) => run(`docker exec ${name} wait-healthy ${HEALTHY_WITHIN_SECONDS}`)),
      );
    });
    const statuses = `docker inspect --format '{{.State.Health.Status}}' ${this.containers.join(" ")}`;
    const more = await seconds(() =>
      run(`while ${statuses} | grep -qvx healthy; do sleep 0.2; done`, { timeoutSeconds: HEALTHY_WITHIN_SECONDS }),
    );
    return { answering, healthy: answering + more };
  }

  composeDown(): Promise<number> {
    return seconds(() => this.compose("down -v"));
  }

  /** Runs a command of docker-compose's. */
  compose(words: string): Promise<Outcome> {
    return run(`docker-compose ${words}`, { cwd: this.folder, timeoutSeconds: 600 });
  }

  /** Runs a command in a service's container. */
  exec(service: (typeof SERVICE_NAMES)[number], command: readonly string[], input?: string): Promise<Outcome> {
    const words = ["docker", "exec", "-i", `lab-${this.id}-${service}`, ...command];
    return run(words.map(quote).join(" "), { timeoutSeconds: 600, input });
  }

  /** Puts a folder of the repository's into a service's container, by that name. */
  copyIn(service: (typeof SERVICE_NAMES)[number], folder: string, target: string): Promise<Outcome> {
    return run(`docker cp ${folder}/. lab-${this.id}-${service}:${target}`);
  }

  /** Takes all of it away by force, in whatever state it is, with its folder. */
  sweep(): Promise<void> {
    return sweepLab(this.id);
  }

  private type(command: string, cwd?: string): Promise<Outcome> {
    return run(command, { cwd, timeoutSeconds: 1800, env: this.environment });
  }
}
