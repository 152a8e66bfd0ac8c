import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { API_LIMITS, RateLimiter } from "./rate-limiter";
import { digitalOceanApi } from "./steps/account";

/** Headers that are of one connection, not of the request. */
const OWN_HEADERS = new Set([
  "connection",
  "host",
  "content-length",
  "transfer-encoding",
  "content-encoding",
  "keep-alive",
]);

/** The wait after an answer "too many requests" that names none. */
const PAUSE_SECONDS = 10;

/**
 * A door to DigitalOcean's API on 127.0.0.1 for all the Terraforms of one command: together they keep the account's
 * rate, which none of them can keep alone. It adds nothing and keeps nothing: the token goes through in each request.
 */
export class ApiGate {
  private readonly server: Server;

  private constructor(
    private readonly api: string,
    private readonly limiter: RateLimiter,
  ) {
    this.server = createServer((request, response) => {
      this.pass(request, response).catch((error: Error) => {
        // As a gateway that can't reach the API answers: the provider tries again.
        response.writeHead(502).end(JSON.stringify({ id: "gate", message: error.message }));
      });
    });
  }

  /** Opens one on a free port. */
  static async open(api = digitalOceanApi(), limiter = new RateLimiter(API_LIMITS)): Promise<ApiGate> {
    const gate = new ApiGate(api, limiter);
    await new Promise<void>((resolve) => gate.server.listen(0, "127.0.0.1", resolve));
    return gate;
  }

  /** The environment by which the provider and the steps go through it. */
  get environment(): Record<string, string> {
    return { DIGITALOCEAN_API_URL: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}` };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    await this.limiter.take();
    const answer = await fetch(`${this.api}${request.url}`, {
      method: request.method,
      headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        value === undefined || OWN_HEADERS.has(name) ? [] : [[name, String(value)]],
      ),
      body: chunks.length > 0 ? Buffer.concat(chunks) : undefined,
      redirect: "manual",
    });
    if (answer.status === 429) {
      this.limiter.pause(Number(answer.headers.get("retry-after")) || PAUSE_SECONDS);
    }
    const headers = [...answer.headers].filter(([name]) => !OWN_HEADERS.has(name));
    response.writeHead(answer.status, Object.fromEntries(headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
}
