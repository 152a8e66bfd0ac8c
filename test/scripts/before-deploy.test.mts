import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { availableGiB, checkCapacity } from "../../scripts/setup/capacity.mjs";
import { isLocal } from "../../scripts/setup/docker-host.mjs";
import { readStack } from "../../scripts/setup/lab-stack.mjs";
import { checkPorts, isFree, pidOfLsof, pidOfSs } from "../../scripts/setup/ports.mjs";

describe("capacity", () => {
  const enough = { memoryGiB: 8, diskGiB: 50, folder: "/var/lib/docker" };

  test("enough is enough", () => {
    expect(checkCapacity(enough, false)).toEqual([]);
  });

  test.each([
    ["memory", { ...enough, memoryGiB: 2.94 }, /Only 2\.9 GiB of memory are free; a lab needs 3 GiB/],
    ["disk", { ...enough, diskGiB: 7.5 }, /Only 7\.5 GiB are free in \/var\/lib\/docker; .* need 8 GiB/],
  ])("too little %s is refused with its value and what is needed", (_, left, refusal) => {
    expect(() => checkCapacity(left, false)).toThrow(refusal);
  });

  test("little disk is a warning", () => {
    expect(checkCapacity({ ...enough, diskGiB: 9 }, false)).toEqual([expect.stringMatching(/only 9\.0 GiB/)]);
  });

  test("a lab that is there already has its memory and most of its disk", () => {
    expect(checkCapacity({ ...enough, memoryGiB: 1, diskGiB: 5 }, true)).toEqual([]);
    expect(() => checkCapacity({ ...enough, diskGiB: 0.5 }, true)).toThrow(/need 1 GiB/);
  });

  test("what can't be known is not refused", () => {
    expect(checkCapacity({ folder: "" }, false)).toEqual([]);
  });

  test("free memory is what Linux calls available", () => {
    expect(availableGiB("MemTotal:  8388608 kB\nMemFree:  1024 kB\nMemAvailable:    3145728 kB\n")).toBe(3);
    expect(availableGiB("MemTotal:  8388608 kB\n")).toBeUndefined();
  });
});

describe("ports", () => {
  const server = createServer();
  let port = 0;
  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        server.listen(0, "127.0.0.1", () => {
          port = (server.address() as AddressInfo).port;
          resolve();
        });
      }),
  );
  afterAll(() => {
    server.close();
  });

  test("a port that something listens on is not free, and free after it", async () => {
    expect(await isFree("127.0.0.1", port)).toBe(false);
    expect(await isFree("127.0.0.1", 0)).toBe(true);
  });

  test("the refusal names port, holder and container", async () => {
    const ports = [{ address: "127.0.0.1", port, container: "lab-local-mids" }];
    await expect(checkPorts(ports)).rejects.toThrow(
      new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken by (process \\d+ \\(.+\\)|a process .+); .*lab-local-mids`),
    );
  });

  test("an address of another machine is refused", async () => {
    const ports = [{ address: "192.0.2.1", port: 5000, container: "lab-local-mids" }];
    await expect(checkPorts(ports)).rejects.toThrow(/can't listen on port 5000 of 192\.0\.2\.1/);
  });

  test("the holder's pid, from ss or lsof", () => {
    expect(pidOfSs('LISTEN 0 128 127.0.0.1:5000 0.0.0.0:* users:(("python3",pid=123,fd=3))')).toBe(123);
    expect(pidOfSs("LISTEN 0 128 127.0.0.1:5000 0.0.0.0:*")).toBeUndefined();
    expect(pidOfLsof("p456\nf3\n")).toBe(456);
    expect(pidOfLsof("")).toBeUndefined();
  });
});

test.each([
  ["", true],
  ["unix:///var/run/docker.sock", true],
  ["npipe:////./pipe/docker_engine", true],
  ["ssh://science@198.51.100.7", false],
  ["tcp://127.0.0.1:2375", false],
])("an engine at %p is this machine's: %p", (host, local) => {
  expect(isLocal(host)).toBe(local);
});

test("a stack's containers, the images that it builds, and published ports", () => {
  const stack = {
    resource: {
      docker_container: {
        a: { name: "lab-x-mids", ports: [{ ip: "127.0.0.1", external: 5001, internal: 5000 }] },
        b: { name: "lab-x-kafka" },
      },
      docker_image: { a: { name: "fullstack-lab/mids:1", build: {} }, b: { name: "fullstack-lab/kafka:2" } },
    },
  };
  expect(readStack(stack)).toEqual({
    containers: ["lab-x-mids", "lab-x-kafka"],
    builds: ["fullstack-lab/mids:1"],
    ports: [{ address: "127.0.0.1", port: 5001, container: "lab-x-mids" }],
    elsewhere: false,
  });
  expect(readStack({})).toEqual({ containers: [], builds: [], ports: [], elsewhere: false });
  expect(readStack({ provider: { docker: [{ ssh_opts: ["-F", "x"] }] } }).elsewhere).toBe(true);
});
