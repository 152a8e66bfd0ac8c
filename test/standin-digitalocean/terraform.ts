#!/usr/bin/env -S node --import tsx
/**
 * Terraform for a machine where the digitalocean provider can't be installed: of a droplet's stack it does by the API
 * what the provider would, runs the stack's own steps and keeps a state; all else is the real Terraform's.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

interface Step {
  readonly provisioner: readonly { readonly "local-exec": { readonly command: string } }[];
}

interface DropletDefinition {
  readonly name: string;
  readonly region: string;
  readonly size: string;
  readonly image: string;
  readonly tags: readonly string[];
  readonly user_data: string;
}

interface Stack {
  readonly terraform: { readonly backend: { readonly local: { readonly path: string } } };
  readonly resource: {
    readonly digitalocean_droplet?: { readonly droplet: DropletDefinition };
    readonly terraform_data: Readonly<Record<string, Step>>;
  };
}

interface Resource {
  readonly type: string;
  readonly instances: readonly { readonly attributes: { readonly id: string } }[];
}

interface State {
  readonly version: 4;
  resources: Resource[];
}

interface Droplet {
  readonly droplet: {
    readonly id: number;
    readonly networks: { readonly v4: readonly { readonly ip_address: string }[] };
  };
}

const words = process.argv.slice(2);

async function main(): Promise<void> {
  const stack = existsSync("cdk.tf.json") ? (JSON.parse(readFileSync("cdk.tf.json", "utf8")) as Stack) : undefined;
  const droplet = stack?.resource.digitalocean_droplet?.droplet;
  if (!stack || !droplet) {
    process.exitCode = spawnSync("terraform", words, { stdio: "inherit" }).status ?? 1;
    return;
  }
  const work = new DropletStackWork(stack, droplet);
  await (words[0] === "apply" ? work.apply() : words[0] === "destroy" ? work.destroy() : undefined);
}

class DropletStackWork {
  private readonly file: string;
  private readonly state: State;

  constructor(
    private readonly stack: Stack,
    private readonly droplet: DropletDefinition,
  ) {
    this.file = stack.terraform.backend.local.path;
    this.state = existsSync(this.file)
      ? (JSON.parse(readFileSync(this.file, "utf8")) as State)
      : { version: 4, resources: [] };
  }

  async apply(): Promise<void> {
    let id = this.idOf("digitalocean_droplet");
    if (id === undefined || !(await api("GET", `droplets/${id}`))) {
      this.step("account");
      console.log("digitalocean_droplet.droplet: Creating...");
      const { name, region, size, image, tags } = this.droplet;
      const user_data = this.droplet.user_data.replaceAll("$${", "${").replaceAll("%%{", "%{");
      const made = await api<Droplet>("POST", "droplets", { name, region, size, image, tags, user_data });
      id = String(made!.droplet.id);
      this.keep("digitalocean_droplet", id);
      const rules = { name, droplet_ids: [Number(id)] };
      const firewall = await api<{ readonly firewall: { readonly id: string } }>("POST", "firewalls", rules);
      this.keep("digitalocean_firewall", firewall!.firewall.id);
    }
    if (this.idOf("terraform_data") !== id) {
      const found = await api<Droplet>("GET", `droplets/${id}`);
      this.step("ready", { id, ipv4_address: found!.droplet.networks.v4[0]!.ip_address });
      this.keep("terraform_data", id);
    }
  }

  async destroy(): Promise<void> {
    for (const [type, path] of [
      ["digitalocean_firewall", "firewalls"],
      ["digitalocean_droplet", "droplets"],
    ] as const) {
      const id = this.idOf(type);
      if (id !== undefined) {
        console.log(`${type}: Destroying...`);
        await api("DELETE", `${path}/${id}`);
      }
    }
    this.state.resources = [];
    this.write();
  }

  /** Runs the command of a step of the stack, with the droplet's attributes in it. */
  private step(name: string, attributes: Readonly<Record<string, string>> = {}): void {
    console.log(`terraform_data.${name}: Creating...`);
    const { command } = this.stack.resource.terraform_data[name]!.provisioner[0]!["local-exec"];
    const text = command.replaceAll(
      /\$\{digitalocean_droplet\.droplet\.(\w+)\}/g,
      (_, key: string) => attributes[key]!,
    );
    const { status, stdout, stderr } = spawnSync("sh", ["-c", text], { encoding: "utf8" });
    console.log(stdout + stderr);
    if (status !== 0) {
      fail(`local-exec provisioner error\n${stdout}${stderr}`);
    }
  }

  private idOf(type: string): string | undefined {
    return this.state.resources.find((one) => one.type === type)?.instances[0]!.attributes.id;
  }

  private keep(type: string, id: string): void {
    const others = this.state.resources.filter((one) => one.type !== type);
    this.state.resources = [...others, { type, instances: [{ attributes: { id } }] }];
    this.write();
  }

  private write(): void {
    writeFileSync(this.file, JSON.stringify(this.state));
  }
}

/** Asks the API; undefined where it knows no such thing. */
async function api<T>(method: string, path: string, body?: object): Promise<T | undefined> {
  const answer = await fetch(`${process.env.DIGITALOCEAN_API_URL}/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${process.env.DIGITALOCEAN_TOKEN}` },
    body: body && JSON.stringify(body),
  });
  if (answer.status === 404) {
    return undefined;
  }
  if (!answer.ok) {
    fail(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return (answer.status === 204 ? {} : await answer.json()) as T;
}

function fail(message: string): never {
  console.log(`Error: ${message}`);
  process.exit(1);
}

void main();
