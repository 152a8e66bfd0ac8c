/** The part of DigitalOcean's API that a droplet's stack uses, on 127.0.0.1: nothing leaves the machine. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { LoopbackServer } from "../../platform/loopback-server";
import { diskOf, DropletActions, SIZES } from "./snapshots";

/** An object of the API. */
export type Json = Record<string, unknown>;

/** A droplet as the stand-in keeps it. */
export interface StandInDroplet extends Json {
  readonly id: number;
  name: string;
  status: "new" | "active" | "off";
  readonly networks: { readonly v4: { ip_address: string; type: string }[]; readonly v6: [] };
}

/** How the stand-in behaves. */
export interface StandInOptions {
  /** The one token it takes. */
  readonly token: string;
  /** @default 10 */
  readonly dropletLimit?: number;
  /**
   * Makes the machine behind a droplet, from a snapshot where one is named, and gives its address. Default: an address
   * that nobody has.
   */
  readonly boot?: (name: string, userData: string, snapshot?: string) => Promise<string>;
  /** Switches the machine off. */
  readonly switchOff?: (name: string) => Promise<void>;
  /** Keeps what is on the machine, which is off, by the snapshot's number. */
  readonly snapshot?: (name: string, snapshot: string) => Promise<void>;
  /** Takes away what was kept. */
  readonly forget?: (snapshot: string) => Promise<void>;
  /** Takes the machine behind a droplet away. */
  readonly remove?: (name: string) => Promise<void>;
}

/** An answer: the status and what goes with it. */
export type Answer = readonly [status: number, body?: Json];

const NOT_FOUND: Answer = [404, { id: "not_found", message: "The resource you were accessing could not be found." }];

/** A stand-in for the API, with what has been made of it. */
export class StandInDigitalOcean {
  readonly droplets = new Map<string, StandInDroplet>();
  readonly firewalls = new Map<string, Json>();
  readonly volumes = new Map<string, Json>();
  readonly reservedIps = new Map<string, Json>();
  /** Snapshots: of droplets that were asked for them, and those that somebody made by hand. */
  readonly snapshots = new Map<string, Json>();
  /** Each request: method and path. */
  readonly requests: string[] = [];
  /** Statuses to answer the next requests with, whatever they ask. */
  readonly faults: number[] = [];
  private server!: LoopbackServer;
  /** What was done with droplets. */
  readonly actions: DropletActions;
  private nextId = 1000;

  private constructor(private readonly options: StandInOptions) {
    this.actions = new DropletActions(options, this.snapshots, () => this.nextId++);
  }

  /** Starts one on a free port. */
  static async start(options: StandInOptions): Promise<StandInDigitalOcean> {
    const api = new StandInDigitalOcean(options);
    api.server = await LoopbackServer.start((...exchange) => api.serve(...exchange));
    return api;
  }

  /** The environment by which the provider and the steps find it. */
  get environment(): Record<string, string> {
    return { DIGITALOCEAN_API_URL: this.server.url, DIGITALOCEAN_TOKEN: this.options.token };
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  private async serve(request: IncomingMessage, sent: Buffer, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    this.requests.push(`${request.method} ${pathname}`);
    const text = sent.toString("utf8");
    const [status, body] = await this.answer(request, pathname, text ? (JSON.parse(text) as Json) : {});
    response.writeHead(status, { "content-type": "application/json", ...(status === 429 && { "retry-after": "1" }) });
    response.end(body && JSON.stringify(paged(body, searchParams)));
  }

  private async answer(request: IncomingMessage, path: string, body: Json): Promise<Answer> {
    const fault = this.faults.shift();
    if (fault !== undefined) {
      return [fault, { id: "fault", message: `status ${fault}` }];
    }
    if (request.headers.authorization !== `Bearer ${this.options.token}`) {
      return [401, { id: "Unauthorized", message: "Unable to authenticate you" }];
    }
    const [, kind = "", id = "", part = ""] = path.split("/").slice(1);
    switch (kind) {
      case "account":
        return [
          200,
          { account: { droplet_limit: this.options.dropletLimit ?? 10, status: "active", uuid: "standin" } },
        ];
      case "sizes":
        return [
          200,
          {
            sizes: Object.entries(SIZES).map(([slug, gib]) => ({
              slug,
              available: true,
              regions: ["nyc3", "fra1"],
              price_monthly: 6 * gib,
              price_hourly: Number(((6 * gib) / 672).toFixed(5)),
            })),
          },
        ];
      case "droplets":
        return this.droplet(request.method ?? "", id, part, body);
      case "firewalls":
        return this.thing(this.firewalls, "firewall", request.method ?? "", id, {
          status: "succeeded",
          pending_changes: [],
          tags: [],
          ...body,
        });
      case "volumes":
        return part === "actions"
          ? this.attach(id, body)
          : this.thing(this.volumes, "volume", request.method ?? "", id, { tags: [], ...body, ...volume(body) });
      case "reserved_ips":
        return this.reserved(request.method ?? "", id, part, body);
      case "snapshots":
        return this.snapshot(request.method ?? "", id, body);
      case "images": {
        const image = this.actions.image(id);
        return image ? [200, { image }] : NOT_FOUND;
      }
      case "actions":
        return [200, { action: this.actions.actions.get(Number(id)) ?? action(Number(id)) }];
      case "tags":
        return [
          request.method === "POST" && !id ? 201 : 204,
          request.method === "POST" && !id ? { tag: body } : undefined,
        ];
      case "projects":
        return [
          200,
          { resources: ((body.resources as string[]) ?? []).map((urn) => ({ urn })), links: {}, meta: { total: 0 } },
        ];
      default:
        return NOT_FOUND;
    }
  }

  private async droplet(method: string, id: string, part: string, body: Json): Promise<Answer> {
    if (method === "POST" && !id) {
      return this.create(body);
    }
    if (method === "GET" && !id) {
      return [200, { droplets: [...this.droplets.values()], meta: { total: this.droplets.size } }];
    }
    const droplet = this.droplets.get(id);
    if (!droplet) {
      return NOT_FOUND;
    }
    if (method === "DELETE") {
      this.droplets.delete(id);
      await this.options.remove?.(droplet.name);
      return [204];
    }
    if (part === "actions") {
      return method === "POST"
        ? this.actions.begin(droplet, body)
        : [200, { actions: this.actions.of(droplet), meta: { total: this.actions.of(droplet).length } }];
    }
    return [200, { droplet }];
  }

  private async create(body: Json): Promise<Answer> {
    if (this.droplets.size >= (this.options.dropletLimit ?? 10)) {
      const message = "creating this/these droplet(s) will exceed your droplet limit";
      return [422, { id: "unprocessable_entity", message }];
    }
    const refusal = this.actions.refusal(body);
    if (refusal) {
      return [422, { id: "unprocessable_entity", message: refusal }];
    }
    const id = this.nextId++;
    const name = String(body.name);
    const snapshot = /^\d+$/.test(String(body.image)) ? String(body.image) : undefined;
    const address = (await this.options.boot?.(name, String(body.user_data), snapshot)) ?? "192.0.2.1";
    const memory = (SIZES[String(body.size)] ?? 0) * 1024;
    const droplet: StandInDroplet = {
      id,
      name,
      status: "active",
      memory,
      vcpus: memory / 2048,
      disk: diskOf(body.size),
      locked: false,
      created_at: new Date().toISOString(),
      features: ["private_networking", ...["monitoring", "backups"].filter((feature) => body[feature])],
      image: snapshot ? { id: Number(snapshot), slug: null } : { id: 1, slug: body.image },
      size: { slug: body.size, price_monthly: 48, price_hourly: 0.07 },
      size_slug: body.size,
      region: { slug: body.region },
      tags: body.tags ?? [],
      volume_ids: (body.volumes as { id: string }[] | null)?.map((one) => one.id) ?? [],
      vpc_uuid: body.vpc_uuid ?? "00000000-0000-4000-8000-000000000000",
      networks: { v4: [{ ip_address: address, type: "public" }], v6: [] },
    };
    this.droplets.set(String(id), droplet);
    return [202, { droplet, links: { actions: [] } }];
  }

  private async snapshot(method: string, id: string, body: Json): Promise<Answer> {
    if (method === "DELETE" && this.snapshots.has(id)) {
      await this.options.forget?.(id);
    }
    return this.thing(this.snapshots, "snapshot", method, id, body);
  }

  private thing(all: Map<string, Json>, kind: string, method: string, id: string, body: Json): Answer {
    if (method === "POST") {
      const made = { ...body, id: randomUUID(), created_at: new Date().toISOString() };
      all.set(made.id, made);
      return [kind === "volume" ? 201 : 202, { [kind]: made }];
    }
    if (!id) {
      return [200, { [`${kind}s`]: [...all.values()] }];
    }
    const found = all.get(id);
    if (!found) {
      return NOT_FOUND;
    }
    if (method === "DELETE") {
      all.delete(id);
      return [204];
    }
    if (method === "PUT") {
      Object.assign(found, body);
    }
    return [200, { [kind]: found }];
  }

  private attach(id: string, body: Json): Answer {
    const found = this.volumes.get(id);
    const droplet = this.droplets.get(String(body.droplet_id));
    if (!found || !droplet) {
      return NOT_FOUND;
    }
    droplet.volume_ids = body.type === "attach" ? [id] : [];
    return [202, { action: action(this.nextId++) }];
  }

  private reserved(method: string, ip: string, part: string, body: Json): Answer {
    if (method === "POST" && !ip) {
      const made = {
        ip: `192.0.2.${this.nextId++ % 200}`,
        region: { slug: body.region },
        droplet: null as unknown,
        locked: false,
      };
      this.reservedIps.set(made.ip, made);
      return [202, { reserved_ip: made }];
    }
    if (!ip) {
      return [200, { reserved_ips: [...this.reservedIps.values()] }];
    }
    const found = this.reservedIps.get(ip);
    if (!found) {
      return NOT_FOUND;
    }
    if (part === "actions") {
      found.droplet = body.type === "assign" ? (this.droplets.get(String(body.droplet_id)) ?? null) : null;
      return [201, { action: action(this.nextId++) }];
    }
    if (method === "DELETE") {
      this.reservedIps.delete(ip);
      return [204];
    }
    return [200, { reserved_ip: found }];
  }
}

/** The page of its lists that was asked for. */
function paged(body: Json, asked: URLSearchParams): Json {
  const size = Number(asked.get("per_page") ?? 0);
  const first = (Number(asked.get("page") ?? 1) - 1) * size;
  const isLong = (value: unknown): value is unknown[] => size > 0 && Array.isArray(value);
  const cut = (value: unknown): unknown => (isLong(value) ? value.slice(first, first + size) : value);
  const more = Object.values(body).some((value) => isLong(value) && value.length > first + size);
  return {
    ...Object.fromEntries(Object.entries(body).map(([key, value]) => [key, cut(value)])),
    ...(more && { links: { pages: { next: "the page after it" } } }),
  };
}

function volume(body: Json): Json {
  return { region: { slug: body.region }, droplet_ids: [], filesystem_type: body.filesystem_type };
}

function action(id: number): Json {
  return { id, status: "completed", type: "done", resource_id: 1 };
}
