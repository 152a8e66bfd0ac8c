import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ANN,
  BEN,
  CAT,
  containersOf,
  endings,
  folder,
  inClass,
  json,
  LABS,
  labsOf,
  portsOf,
  startInClass,
  writeClass,
} from "../support/class";
import { run, until } from "../support/shell";

interface Status {
  readonly labs: readonly {
    readonly state: string;
    readonly services: readonly object[];
    readonly canary: { readonly green: boolean };
  }[];
}

/** Everybody's lab, killed on its way, broken, mended, and looked at. */
export function upAndStatus(): void {
  test("killed in the middle, up goes on where it stopped, and one who fails stops nobody", async () => {
    const soon = { healthyWithinSeconds: 8 };
    const broken = { zookeeper: { ...soon, environment: { ZOOKEEPER_TICK_TIME: "soon" } }, kafka: soon, mids: soon };
    writeClass(LABS, { [CAT]: broken });
    const first = startInClass("up --parallel 2");
    await until("containers are being made", 1800, () => first.output().includes("making container"));
    first.process.kill("SIGKILL");
    await first.ended;

    const second = await labsOf("up --parallel 2");
    expect(endings(second)).toEqual([`${ANN} done`, `${BEN} done`, `${CAT} failed`]);
    expect(second.exitCode).toBe(3);
    const { reason, log } = second.labs[2]!;
    expect(reason!.replaceAll(/\s+/g, " ")).toContain(`lab-${CAT}-zookeeper did not become healthy in 8 s`);
    expect(readFileSync(log!, "utf8")).toContain("soon");
  });

  test("typed again after what was wrong is mended, up changes nothing of those that are ready", async () => {
    writeClass();
    const before = await containersOf(ANN);
    const { output } = await inClass("up");
    expect(output).toContain(`3 of 3 ready: ${LABS.join(", ")}`);
    expect(await containersOf(ANN)).toEqual(before);
  });

  test("status shows who is ready: as JSON, as a table, and as a page", async () => {
    const page = join(folder, "status.html");
    const { labs, exitCode } = await json<Status>(`status --html ${page}`);
    expect(exitCode).toBe(0);
    expect(labs.map(({ state, services, canary }) => [state, services.length, canary.green])).toEqual(
      LABS.map(() => ["ready", 7, true]),
    );
    expect(readFileSync(page, "utf8")).toContain(`href="http://127.0.0.1:${portsOf(ANN).jupyter}`);
    expect((await inClass("status")).output).toMatch(new RegExp(`${BEN} .* ready .* 7 of 7 .* green`));
  });

  test("a lab that is broken is shown, and mended by up: by one at a time, which Ctrl-C ends in order", async () => {
    await run(`docker kill lab-${BEN}-kafka`);
    const shown = await inClass(`status ${BEN}`, { mayFail: true });
    expect(shown.exitCode).toBe(3);
    expect(shown.output).toContain("6 of 7, kafka stopped");

    const first = startInClass(`up ${BEN}`);
    await until("the lab is being mended", 120, () => /kafka|looking/.test(first.output()));
    const second = await labsOf(`up ${BEN}`);
    expect(endings(second)).toEqual([`${BEN} refused`]);
    expect(second.labs[0]!.reason).toMatch(/another process \(\d+: npm run class -- up\) is at work/);
    expect(second.exitCode).toBe(4);
    const interrupted = await first.interrupt();
    expect(interrupted.exitCode).toBe(130);
    expect(interrupted.output).toContain(`${BEN}: interrupted`);

    expect(endings(await labsOf(`up ${BEN}`))).toEqual([`${BEN} done`]);
    // At once, though Docker looks at a container's health every 15 s.
    expect((await inClass(`status ${BEN}`)).output).toContain("7 of 7");
  });
}
