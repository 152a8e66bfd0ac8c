import { engineRefusal, engineState, nextAction } from "../../scripts/setup/docker-engine.mjs";

const LAPTOP = { standard: true, isRoot: false, canInstall: false, hasEngine: true };
const SERVER = { standard: true, isRoot: true, canInstall: true, hasEngine: false };

describe("what docker version says", () => {
  test.each([
    ["answers", { ok: true, missing: false, stderr: "" }],
    ["no command", { ok: false, missing: true, stderr: "" }],
    ["denied", { ok: false, missing: false, stderr: "dial unix /var/run/docker.sock: connect: permission denied" }],
    ["silent", { ok: false, missing: false, stderr: "Cannot connect to the Docker daemon. Is it running?" }],
  ])("%s", (state, answer) => {
    expect(engineState(answer)).toBe(state);
  });
});

describe("what is done about it", () => {
  test.each([
    ["a running engine: nothing", "none", "answers", LAPTOP],
    ["root on Debian without an engine", "install", "silent", SERVER],
    ["root on Debian without even the command", "install", "no command", SERVER],
    ["root, an engine that is not started", "start", "silent", { ...SERVER, hasEngine: true }],
    [
      "root elsewhere, an engine that is not started",
      "start",
      "silent",
      { ...SERVER, hasEngine: true, canInstall: false },
    ],
    ["a user, an engine that is not started", "refuse", "silent", LAPTOP],
    ["a user without an engine", "refuse", "no command", { ...LAPTOP, hasEngine: false }],
    ["a user outside the group docker", "refuse", "denied", LAPTOP],
    ["root, but the engine is another machine's", "refuse", "silent", { ...SERVER, standard: false }],
  ] as const)("%s", (_, action, state, means) => {
    expect(nextAction(state, means)).toBe(action);
  });
});

describe("what a person is told", () => {
  test.each([
    ["no command", LAPTOP, /no command "docker".*apt-get install docker\.io docker-compose/s],
    ["denied", LAPTOP, /sudo usermod -aG docker \S+/],
    ["silent", LAPTOP, /does not answer.*the daemon said so.*systemctl start docker/s],
    ["silent", { ...LAPTOP, hasEngine: false }, /sudo apt-get install docker\.io/],
    ["silent", { ...LAPTOP, standard: false }, /engine at .* does not answer.*DOCKER_HOST/s],
  ] as const)("%s", (state, means, told) => {
    expect(engineRefusal(state, means, "the daemon said so").message).toMatch(told);
  });
});
