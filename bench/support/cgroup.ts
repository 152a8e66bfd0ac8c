import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../test/e2e/support/shell";

/** What a container holds that the kernel can't take back, in MiB: anonymous and shared memory, and the kernel's own. */
export async function heldMiB(container: string): Promise<number> {
  const { output } = await run(`docker inspect --format '{{.State.Pid}}' ${container}`);
  const folder = cgroupFolder(readFileSync(`/proc/${output.trim()}/cgroup`, "utf8"));
  return held(readStat(join(folder, "memory.stat")), kernelBytes(folder)) / 2 ** 20;
}

/** A process's cgroup for memory, in either version's tree, from its /proc/PID/cgroup. */
export function cgroupFolder(text: string, root = "/sys/fs/cgroup"): string {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.split(":"));
  const memory = lines.find(([, controllers = ""]) => controllers.split(",").includes("memory"));
  const path = (line: string[]): string => line.slice(2).join(":");
  return memory ? join(root, "memory", path(memory)) : join(root, path(lines.find(([id]) => id === "0") ?? lines[0]!));
}

/** Version 1 has no count of the kernel's part in memory.stat: a file beside it has. */
function kernelBytes(folder: string): number {
  const file = join(folder, "memory.kmem.usage_in_bytes");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
}

function readStat(file: string): Record<string, number> {
  return Object.fromEntries(
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name, value]) => [name!, Number(value)]),
  );
}

/**
 * Bytes that are not reclaimable.
 *
 * @param stat memory.stat, of version 1 (`total_rss`) or 2 (`anon`)
 * @param kernel the kernel's part where memory.stat does not have it; it counts whole, its caches too
 */
export function held(stat: Readonly<Record<string, number>>, kernel = 0): number {
  const of = (name: string): number => stat[name] ?? 0;
  if (stat.anon === undefined) {
    return of("total_rss") + of("total_shmem") + kernel;
  }
  return of("anon") + of("shmem") + (stat.kernel === undefined ? of("slab") : of("kernel")) - of("slab_reclaimable");
}
