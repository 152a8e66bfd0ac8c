import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { LoopbackServer } from "./loopback-server";
import { API_LIMITS, RateLimiter, SharedRequests } from "./rate-limiter";
import { REPOSITORY } from "./repository";
import { digitalOceanApi, digitalOceanToken } from "./steps/account";

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

/** The requests to an account that go from this repository, whatever command sends them. */
function requestsTo(api: string): SharedRequests {
  const account = createHash("sha256")
    .update(JSON.stringify([api, digitalOceanToken()]))
    .digest("hex");
  return new SharedRequests(join(REPOSITORY, ".lab", "api-requests", account));
}

/**
 * A door to DigitalOcean's API on 127.0.0.1 for all the Terraforms of one command: together they keep the account's
 * rate, which none of them can keep alone, and with those of other commands and of one that was interrupted. It adds nothing and keeps nothing: the token goes through in each request.
 */
export class ApiGate {
  private constructor(private readonly server: LoopbackServer) {}

  /** Opens one on a free port. */
  static async open(
    api = digitalOceanApi(),
    limiter = new RateLimiter(API_LIMITS, undefined, requestsTo(api)),
  ): Promise<ApiGate> {
    return new ApiGate(
      await LoopbackServer.start((request, body, response) =>
        pass(api, limiter, request, body, response).catch((error: Error) => {
          // As a gateway that can't reach the API answers: the provider tries again. A connection that the asker has
          // closed takes no answer any more.
          if (!response.headersSent) {
            response.writeHead(502).end(JSON.stringify({ id: "gate", message: error.message }));
          }
        }),
      ),
    );
  }

  /** The environment by which the provider and the steps go through it. */
  get environment(): Record<string, string> {
    return { DIGITALOCEAN_API_URL: this.server.url };
  }

  async close(): Promise<void> {
    await this.server.stop();
  }
}

async function pass(
  api: string,
  limiter: RateLimiter,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  await limiter.take();
  const answer = await fetch(`${api}${request.url}`, {
    method: request.method,
    headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || OWN_HEADERS.has(name) ? [] : [[name, String(value)]],
    ),
    body: body.length > 0 ? body : undefined,
    redirect: "manual",
  });
  if (answer.status === 429) {
    limiter.pause(Number(answer.headers.get("retry-after")) || PAUSE_SECONDS);
  }
  const headers = [...answer.headers].filter(([name]) => !OWN_HEADERS.has(name));
  response.writeHead(answer.status, Object.fromEntries(headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}
