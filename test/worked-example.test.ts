import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { composeFile } from "../platform/compose";
import { REPOSITORY } from "../platform/repository";
import type { Lab } from "../platform/lab";
import type { Service } from "../platform/service";
import { labStack, resource, synthesized } from "./support/synth";

const page = readFileSync(join(REPOSITORY, "CONTRIBUTING.md"), "utf8");

/** The n-th block of a language on the page. */
function block(language: string, n: number): string {
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map((match) => match[1]!);
  return blocks[n]!;
}

const MODULE = ".lab/redis.ts";
const files = {
  "images/redis/Dockerfile": block("dockerfile", 0),
  "images/redis/bin/health": block("sh", 1),
  // As if in services/, but where nobody who looks through the repository meets it.
  [MODULE]: block("ts", 0),
};

beforeAll(() => {
  for (const [path, content] of Object.entries(files)) {
    const file = join(REPOSITORY, path);
    if (existsSync(file)) {
      throw new Error(`${path} is there: the example of CONTRIBUTING.md needs another name`);
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
});

afterAll(() => {
  rmSync(join(REPOSITORY, "images/redis"), { recursive: true });
  rmSync(join(REPOSITORY, MODULE));
});

test("the service that CONTRIBUTING.md adds is a whole service of the lab", async () => {
  const { Redis } = (await import(join(REPOSITORY, MODULE))) as {
    Redis: new (lab: Lab, id: string) => Service & { address: string };
  };
  const stack = labStack();
  const redis = new Redis(stack.lab, "redis");
  expect(redis.address).toBe("redis:6379");
  expect(composeFile(stack.lab)).toContain("container_name: lab-local-redis");
  expect(resource(synthesized(stack), "docker_container", "/redis/container")).toMatchObject({
    image: expect.stringMatching(/^fullstack-lab\/redis:[0-9a-f]{12}$/) as string,
    memory: 128,
    volumes: [{ volume_name: "lab-local-redis-data", container_path: "/data/redis" }],
  });
});
