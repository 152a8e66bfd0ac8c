import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers a request, whose body has been read whole. */
export type Answer = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void> | void;

/** An HTTP server that this machine alone reaches. */
export class LoopbackServer {
  private constructor(private readonly server: Server) {}

  /**
   * Starts one on a free port of 127.0.0.1, or at a socket. What `answer` throws ends the process, as any other error
   * that nobody handles.
   */
  static async start(answer: Answer, socket?: string): Promise<LoopbackServer> {
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
      }
      await answer(request, Buffer.concat(chunks), response);
    };
    const server = createServer((request, response) => void serve(request, response));
    const where = socket === undefined ? { host: "127.0.0.1", port: 0 } : { path: socket };
    await new Promise<void>((resolve) => server.listen(where, resolve));
    return new LoopbackServer(server);
  }

  /** Where it has a port. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends it, and the connections that are open. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
