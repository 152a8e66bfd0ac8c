import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { REPOSITORY } from "../../../platform/repository";
import { ANN, BEN, CAT, inClass, json, LabResult, LABS, startInClass, writeClass } from "../support/class";
import { leftovers, w205 } from "../support/lab";
import { run, until } from "../support/shell";

/** Down, killed and interrupted on its way, and its proof. */
export function takingAway(): void {
  test("killed and interrupted at any moment, down ends with the proof that nothing is left", async () => {
    // Terraform outlives a killed command and goes on: each signal meets labs that are still up.
    for (const [signal, labs] of [
      ["SIGKILL", [ANN, CAT]],
      ["SIGINT", [BEN]],
    ] as const) {
      const running = startInClass(`down --no-save ${labs.join(" ")}`);
      const moment = until("something is being taken away", 120, () => running.output().includes("taking away"));
      await Promise.race([
        moment,
        running.ended.then(({ output }) => Promise.reject(new Error(`it ended too early:\n${output}`))),
      ]);
      await sleep(Math.random() * 3000);
      running.process.kill(signal);
      const { exitCode, output } = await running.ended;
      if (signal === "SIGINT") {
        // It may have been done with all of it at that moment, or all but the look for what is left.
        const told = output.includes("1 of 1 taken away");
        expect({ exitCode, output }).toEqual(
          told
            ? { exitCode: 0, output: expect.not.stringContaining("interrupted") as string }
            : { exitCode: 130, output: expect.stringContaining("interrupted") as string },
        );
      }
    }
    // A student who has left the class is taken away by name.
    writeClass([ANN, BEN]);
    // As cdktf does with the folder of a stack that it does not know any more.
    rmSync(join(REPOSITORY, "cdktf.out", "stacks", CAT), { recursive: true });
    const { labs, proofs, exitCode } = await json<{ labs: LabResult[]; proofs: { leftovers: object[] }[] }>(
      `down --no-save ${LABS.join(" ")}`,
    );
    expect(exitCode).toBe(0);
    expect(labs.map(({ status }) => status)).toEqual(["done", "done", "done"]);
    expect(proofs.map((proof) => proof.leftovers)).toEqual([[], [], []]);
    for (const lab of LABS) {
      expect(await leftovers(lab)).toEqual([]);
      expect(existsSync(w205(lab, "full-stack", "game_api.py"))).toBe(true);
    }
  });

  test("what it could not take away is named with the command that removes it", async () => {
    const volume = `lab-${ANN}-of-somebody`;
    await run(`docker volume create --label org.fullstack-lab.lab=${ANN} ${volume}`);
    const { exitCode, output } = await inClass(`down --no-save ${ANN}`, { mayFail: true });
    expect(exitCode).toBe(5);
    expect(output).toContain(`volume ${volume}: docker volume rm ${volume}`);
    await run(`docker volume rm ${volume}`);
    expect((await inClass(`down --no-save ${ANN}`)).output).toContain(
      `Docker on this machine has no container, network or volume with its label: ${ANN}`,
    );
  });
}
