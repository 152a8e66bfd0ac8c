import { App, Testing } from "cdktf";
import { portClashes, portUsers } from "../../platform/published-ports";
import { LabStack, ServicesOptions } from "../../stacks/lab-stack";
import { HOST, labStack } from "../support/synth";

describe("what can't be is refused at synth", () => {
  test.each<[string, unknown, RegExp]>([
    ["a service that is not there", { kafke: {} }, /local: unknown option "kafke". Did you mean "kafka"/],
    [
      "an option that is not there",
      { kafka: { heapMib: 1 } },
      /local\/lab\/kafka: unknown option "heapMib". Did you mean "heapMiB"/,
    ],
    [
      "a heap larger than the memory",
      { presto: { heapMiB: 2000 } },
      /local\/lab\/presto: heapMiB is 2000, but the container has memoryMiB 1024/,
    ],
    ["a driver larger than the memory", { spark: { driverMemoryMiB: 4000 } }, /driverMemoryMiB is 4000/],
    [
      "a port out of range",
      { spark: { jupyterPort: 99999 } },
      /jupyterPort is 99999; allowed is a whole number from 1024/,
    ],
    ["a name for an address", { mids: { bindAddress: "everywhere" } }, /bindAddress is "everywhere"/],
    [
      "no memory",
      { zookeeper: { memoryMiB: 0 } },
      /local\/lab\/zookeeper: heapMiB is 64, but the container has memoryMiB 0/,
    ],
    ["processes without number", { mids: { pidsLimit: -1 } }, /pidsLimit is -1/],
    [
      "an image by tag",
      { mids: { image: "mids:latest" } },
      /image is "mids:latest"; allowed is a name with its digest/,
    ],
    [
      "a version without locks",
      { zookeeper: { version: "3.4.0" } },
      /local\/lab\/zookeeper: version is "3.4.0"; allowed is "3.8.4" or "3.8.6"/,
    ],
    ["a version that is a number", { kafka: { version: 3.9 } }, /version is 3.9; allowed is "3.9.1"/],
    [
      "a version of another's image",
      { mids: { version: "3.1.3", image: `x@sha256:${"a".repeat(64)}` } },
      /version is "3.1.3" beside image/,
    ],
    ["an environment that is no text", { mids: { environment: { A: 1 } } }, /environment A is 1/],
    ["a tick that is no time", { zookeeper: { tickTimeMs: 1 } }, /tickTimeMs is 1; allowed is a whole number from 100/],
    ["a broker's number below 0", { kafka: { brokerId: -1 } }, /brokerId is -1/],
    ["a health check never", { kafka: { healthIntervalSeconds: 0 } }, /healthIntervalSeconds is 0/],
  ])("%s", (_name, services, message) => {
    expect(() => labStack({ services: services as ServicesOptions })).toThrow(message);
  });

  test("an id that can't be", () => {
    expect(() => labStack({}, "Alice")).toThrow(/the lab's id is "Alice"/);
  });

  test("two labs on one host port, naming both", () => {
    const app = Testing.stubVersion(new App());
    const alice = new LabStack(app, "alice", { host: HOST });
    const bob = new LabStack(app, "bob", {
      host: HOST,
      services: { spark: { jupyterPort: 8889 }, home: { webPort: 8001 } },
    });
    expect(portClashes([alice.lab, bob.lab].flatMap(portUsers)).map(({ message }) => message())).toEqual([
      expect.stringMatching(
        /host port 5000 .* taken twice: by alice\/lab\/mids \(gameApiPort\) and by bob\/lab\/mids \(gameApiPort\)/,
      ),
    ]);
  });

  test("two services of one lab on one host port", () => {
    const { lab } = labStack({ services: { presto: { webPort: 8888 } } });
    expect(portClashes(portUsers(lab))).toHaveLength(1);
  });
});
