import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers a request, whose body has been read whole. */
export type Answer = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void> | void;

/** An HTTP server on a free port of 127.0.0.1. */
export class LoopbackServer {
  private constructor(private readonly server: Server) {}

  /** Starts one. What `answer` throws ends the process, as any other error that nobody handles. */
  static async start(answer: Answer): Promise<LoopbackServer> {
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
      }
      await answer(request, Buffer.concat(chunks), response);
    };
    const server = createServer((request, response) => void serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new LoopbackServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends it, and the connections that are open. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
