import type { Construct, IConstruct } from "constructs";

const results = new WeakMap<IConstruct, Map<string, unknown>>();

/** Works something out once for all labs of an app: a class's thousand labs carry the same files. */
export function oncePerApp<T>(construct: Construct, key: string, work: () => T): T {
  const { root } = construct.node;
  const known = results.get(root) ?? new Map<string, unknown>();
  results.set(root, known);
  if (!known.has(key)) {
    known.set(key, work());
  }
  return known.get(key) as T;
}
