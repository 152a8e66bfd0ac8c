import { existsSync } from "node:fs";
import { join } from "node:path";
import { networkThere } from "../../../platform/steps/network";
import { Programs } from "../../support/programs";

const programs = new Programs();

afterAll(() => programs.remove());

test("waits until Docker has the network", async () => {
  const asked = join(programs.folder, "asked");
  programs.write(
    "docker",
    `[ "$*" = 'network inspect lab-ann' ] || exit 2; [ -e ${asked}-before ] && exit 0; touch ${asked}-before; exit 1`,
  );
  await networkThere("lab-ann");
  expect(existsSync(`${asked}-before`)).toBe(true);
});

test("gives up with what Docker says", async () => {
  programs.write("docker", "echo 'Error: No such network: lab-ann' >&2; exit 1");
  await expect(networkThere("lab-ann", 0.2)).rejects.toThrow(
    "the network lab-ann was not there in 0.2 s; Docker says: Error: No such network: lab-ann",
  );
});
