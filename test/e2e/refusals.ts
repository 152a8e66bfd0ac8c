import { BOB, deploy, leftovers, runLab, writeClass } from "./support/lab";

/** Labs that can't come up say why. */
export function refusals(): void {
  afterAll(() => writeClass());

  test("a service that does not become healthy fails the deploy with its name and its last log lines", async () => {
    writeClass({ [BOB]: { zookeeper: { healthyWithinSeconds: 8, environment: { ZOOKEEPER_TICK_TIME: "soon" } } } });
    const { exitCode, output } = await deploy(BOB, { mayFail: true });
    expect(exitCode).not.toBe(0);
    expect(output).toContain(`lab-${BOB}-zookeeper did not become healthy in 8 s`);
    expect(output).toMatch(/Its last log lines:\s[^]*soon/);
    writeClass();
    await deploy(BOB);
  });

  test("two labs on one host port are refused before anything is touched", async () => {
    const before = await leftovers(BOB);
    writeClass({ [BOB]: { mids: { gameApiPort: 15000 } } });
    const { exitCode, output } = await deploy(BOB, { mayFail: true });
    expect(exitCode).not.toBe(0);
    expect(output).toContain("host port 15000");
    expect(output).toContain("e2e-alice/lab/mids (gameApiPort)");
    expect(await leftovers(BOB)).toEqual(before);
    const lab = await runLab(BOB, { mayFail: true });
    expect(lab.exitCode).toBe(1);
    // It looks at the one lab alone, and at what listens on this machine.
    expect(lab.output).toContain("Port 15000 on 127.0.0.1 is taken by the container lab-e2e-alice-mids");
    expect(lab.output).not.toMatch(/^\s+at /m);
  });

  test("npm run lab names the labs that there are when it is given another", async () => {
    const { exitCode, output } = await runLab("nobody", { mayFail: true });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/nobody[^]*e2e-alice/);
    expect(output).not.toMatch(/^\s+at /m);
  });
}
