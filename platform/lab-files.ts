import { join } from "node:path";
import { REPOSITORY } from "./repository";

/** The folder of a lab on this machine: its Terraform state, the student's files, what docker-compose needs. */
export function labFolder(id: string): string {
  return join(REPOSITORY, "labs", id);
}

/** The file with a lab's hooks, by name. */
export function hooksFile(id: string): string {
  return join(labFolder(id), "hooks.json");
}
