import { docker, StepFailed } from "./docker";

/** Removes containers that hold the lab's names and are not Terraform's. Their data are in volumes, which stay. */
export async function clear(orphans: readonly string[]): Promise<void> {
  for (const id of orphans) {
    const { exitCode, output } = await docker(["rm", "--force", id]);
    if (exitCode !== 0 && !output.includes("No such container")) {
      throw new StepFailed(`the container ${id.slice(0, 12)} is in the way and could not be removed:\n${output}`);
    }
    console.log(`removed the container ${id.slice(0, 12)}, which no deploy knew; its data stay in their volumes`);
  }
}
