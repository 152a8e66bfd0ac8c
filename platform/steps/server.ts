import type { ServerResponse } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LoopbackServer } from "../loopback-server";
import { HostVariables, inContext } from "./context";
import { StepFailed } from "./docker";
import { runStep } from "./run";

/**
 * Does the steps of a Terraform that this process runs: a process for each would take a seventh of a second of the
 * processor, which the services' start needs.
 */
export class StepsServer {
  private constructor(
    private readonly folder: string,
    private server?: LoopbackServer,
  ) {}

  static async open(): Promise<StepsServer> {
    // For this user alone: who reaches the socket may use Docker.
    const steps = new StepsServer(mkdtempSync(join(tmpdir(), "lab-steps-")));
    steps.server = await LoopbackServer.start((_, body, response) => steps.serve(body, response), steps.socket);
    return steps;
  }

  /** The environment by which step.sh finds it. */
  get environment(): Record<string, string> {
    return { LAB_STEPS: this.socket };
  }

  /** Ends it, and the steps that Terraform did not wait for. Nothing where it has ended. */
  async close(): Promise<void> {
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get socket(): string {
    return join(this.folder, "socket");
  }

  private async serve(body: Buffer, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    // Of the connection, whoever ends it.
    response.on("close", () => gone.abort());
    const [folder = "", config = "", host, docker, ...words] = body.toString("utf8").split("\0").slice(0, -1);
    const variables: HostVariables = {
      ...(config && { LAB_SSH_CONFIG: resolve(folder, config), LAB_SSH_HOST: host }),
      ...(docker && { DOCKER_HOST: docker }),
    };
    // As step.sh reads it: lines of the step behind a blank, then how it ended.
    const say = (text: string): void => void response.write(text.replaceAll(/^/gm, " ") + "\n");
    const end = (how: "done" | "failed"): void => void response.end(`${how}\n`);
    try {
      await inContext({ host: variables, say, signal: gone.signal }, () => runStep(words));
      end("done");
    } catch (error) {
      if (!gone.signal.aborted) {
        say(error instanceof StepFailed ? error.message : String((error as Error).stack));
        end("failed");
      }
    }
  }
}
