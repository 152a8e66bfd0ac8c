/** The part of S3 that Terraform's backend and the lab use, on 127.0.0.1: one bucket, its objects in memory. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { LoopbackServer } from "../../platform/loopback-server";

/** How the stand-in behaves. */
export interface StandInBucketOptions {
  readonly bucket: string;
  /** The one access key that it takes. */
  readonly accessKey: string;
  /** Refuses to write over what is there when it is told to. @default true */
  readonly conditionalWrites?: boolean;
}

/** An object, and what its writer asked for. */
export interface StoredObject {
  readonly content: string;
  readonly encryption?: string;
}

/** A stand-in for a bucket. */
export class StandInBucket {
  readonly objects = new Map<string, StoredObject>();
  /** Each request: method and path. */
  readonly requests: string[] = [];
  private server!: LoopbackServer;

  private constructor(private readonly options: StandInBucketOptions) {}

  /** Starts one on a free port. */
  static async start(options: StandInBucketOptions): Promise<StandInBucket> {
    const bucket = new StandInBucket(options);
    bucket.server = await LoopbackServer.start((...exchange) => bucket.serve(...exchange));
    return bucket;
  }

  get endpoint(): string {
    return this.server.url;
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  private serve(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    this.requests.push(`${request.method} ${pathname}`);
    const [, bucket, ...key] = decodeURIComponent(pathname).split("/");
    const signed = request.headers.authorization?.includes(`Credential=${this.options.accessKey}/`);
    const answer = (status: number, body = "", headers = {}): void =>
      void response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
    const refuse = (status: number, code: string): void =>
      answer(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`, {
        "content-type": "application/xml",
      });
    if (!signed) {
      return refuse(403, "InvalidAccessKeyId");
    }
    if (bucket !== this.options.bucket) {
      return refuse(404, "NoSuchBucket");
    }
    this.serveObject(request, key.join("/"), body.toString("utf8"), answer, refuse);
  }

  private serveObject(
    request: IncomingMessage,
    key: string,
    content: string,
    answer: (status: number, body?: string, headers?: object) => void,
    refuse: (status: number, code: string) => void,
  ): void {
    const object = this.objects.get(key);
    switch (request.method) {
      case "PUT":
        if (object && request.headers["if-none-match"] === "*" && this.options.conditionalWrites !== false) {
          return refuse(412, "PreconditionFailed");
        }
        this.objects.set(key, { content, encryption: String(request.headers["x-amz-server-side-encryption"] ?? "") });
        return answer(200, "", { etag: etag(content) });
      case "DELETE":
        this.objects.delete(key);
        return answer(204);
      default:
        if (key === "") {
          return answer(200, "<ListBucketResult></ListBucketResult>", { "content-type": "application/xml" });
        }
        return object
          ? answer(200, object.content, {
              etag: etag(object.content),
              "content-length": Buffer.byteLength(object.content),
            })
          : refuse(404, "NoSuchKey");
    }
  }
}

function etag(content: string): string {
  return `"${createHash("md5").update(content).digest("hex")}"`;
}
