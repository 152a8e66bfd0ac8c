import { App, Testing } from "cdktf";
import type { LabHost } from "../../platform/host";
import { LabStack, LabStackProps } from "../../stacks/lab-stack";

/** A host like a laptop's. */
export const HOST: LabHost = { owner: { uid: 1000, gid: 1000 } };

/** A lab's stack in an app of its own. */
export function labStack(props: Partial<LabStackProps> = {}, id = "local"): LabStack {
  const app = Testing.stubVersion(new App({ stackTraces: false }));
  return new LabStack(app, id, { host: HOST, ...props });
}

/** What Terraform would read, as an object. */
export function synthesized(stack: LabStack): SynthesizedStack {
  return JSON.parse(Testing.synth(stack, true)) as SynthesizedStack;
}

/** The parts of a synthesized stack that tests look at. */
export interface SynthesizedStack {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
  readonly output: Readonly<Record<string, { readonly value: unknown }>>;
  readonly terraform: Record<string, unknown>;
}

/** The one resource of a type that is declared at this construct path of the lab. */
export function resource(stack: SynthesizedStack, type: string, path: string): Record<string, unknown> {
  const address = new RegExp(`^lab_${path.slice(1).replaceAll("/", "_")}_[0-9A-F]{8}$`);
  const found = Object.entries(stack.resource[type] ?? {}).filter(([name]) => address.test(name));
  if (found.length !== 1) {
    throw new Error(`${found.length} resources of type ${type} are at ${path}`);
  }
  return found[0]![1];
}

/** A synthesized stack without what differs between machines and edits: content hashes. */
export function withoutHashes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/(fullstack-lab\/[a-z]+):[0-9a-f]{12}/g, "$1:<hash>")
      .replaceAll(/"[0-9a-f]{64}"/g, '"<sha256>"')
      .replaceAll(/"content":"[0-9a-f]{12}"/g, '"content":"<hash>"'),
  );
}
