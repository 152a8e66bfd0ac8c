import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import type { OnHost } from "../../platform/lab";
import { findOnHosts } from "../../stacks/on-host";
import { Programs } from "../support/programs";
import { HOST } from "../support/synth";

const LAB = "orphans-of-a-test";
const programs = new Programs();

/** A docker command that says what a test wants. */
function dockerSays(containers: string, networks: string, images = ""): void {
  programs.write(
    "docker",
    `case "$1" in ps) printf '${containers}' ;; network) printf '${networks}' ;; image) printf '${images}' ;; esac`,
  );
}

beforeAll(() => {
  mkdirSync(labFolder(LAB), { recursive: true });
});

afterAll(() => {
  programs.remove();
  rmSync(labFolder(LAB), { recursive: true });
});

async function onHost(): Promise<OnHost | undefined> {
  return (await findOnHosts([{ id: LAB, host: HOST }])).get(LAB);
}

test("containers and networks of the lab that its state does not know", async () => {
  writeFileSync(join(labFolder(LAB), "terraform.tfstate"), '{"type": "docker_network", "id": "n0", "container": "c1"}');
  const own = labFolder(LAB);
  dockerSays(
    `c1 lab-${LAB}-kafka ${own}\\nc2 lab-${LAB}-mids ${own}\\nc3 lab-other-mids ${own}\\n`,
    `n1 lab-${LAB}\\nn2 lab-other\\n`,
  );
  expect(await onHost()).toEqual({ orphans: ["c2", "network:n1"], network: undefined, images: [] });
});

test("a network of which the state knows nothing but its containers is taken over, not removed", async () => {
  writeFileSync(join(labFolder(LAB), "terraform.tfstate"), '{"id": "c1"}');
  const own = labFolder(LAB);
  dockerSays(`c1 lab-${LAB}-kafka ${own}\\nc2 lab-${LAB}-mids ${own}\\n`, `n1 lab-${LAB}\\n`);
  expect(await onHost()).toEqual({ orphans: ["c2"], network: "n1", images: [] });
  dockerSays(`c2 lab-${LAB}-mids ${own}\\n`, `n1 lab-${LAB}\\n`);
  expect(await onHost()).toEqual({ orphans: ["c2", "network:n1"], network: undefined, images: [] });
});

test("nothing of another clone's lab of that name, its network neither", async () => {
  dockerSays(`c2 lab-${LAB}-mids ${tmpdir()}\\n`, `n1 lab-${LAB}\\n`);
  expect(await onHost()).toEqual({ orphans: [], network: undefined, images: [] });
});

test("where there are none, those that were cleared last", async () => {
  dockerSays("", "");
  writeFileSync(join(labFolder(LAB), "orphans"), "c9 network:n9");
  expect(await onHost()).toEqual({ orphans: ["c9", "network:n9"], network: undefined, images: [] });
});

test("the project's images by name and tag", async () => {
  dockerSays("", "", "fullstack-lab/base:0123456789ab\\nfullstack-lab/home:ba9876543210\\n");
  expect((await onHost())?.images).toEqual(["fullstack-lab/base:0123456789ab", "fullstack-lab/home:ba9876543210"]);
});
