import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { BEN, CAT, containersOf, endings, inClass, labsOf, startInClass, wholeSavesOf } from "../support/class";
import { leftovers, w205 } from "../support/lab";
import { run } from "../support/shell";

/** About how long each command takes, in seconds: its signal comes within. */
const SECONDS = { save: 8, down: 16, up: 30 };

/** Starts a command on the lab and sends the signal at a moment that nobody has chosen. */
async function endAtAnyMoment(command: keyof typeof SECONDS, signal: NodeJS.Signals): Promise<void> {
  const running = startInClass(`${command} ${CAT}`);
  const moment = Math.random() * SECONDS[command];
  await Promise.race([sleep(moment * 1000), running.ended]);
  running.process.kill(signal);
  const { exitCode, output } = await running.ended;
  // Before the program listens for it, a signal ends it at once.
  const inOrder = exitCode === 0 || exitCode === 130 || running.process.signalCode === signal;
  if (!inOrder) {
    throw new Error(`${command} ended with ${exitCode}, ${signal} after ${moment.toFixed(1)} s:\n${output}`);
  }
}

async function send(event: string): Promise<void> {
  const input = `${JSON.stringify({ event_type: "purchase_sword", note: event })}\n`;
  await run(`docker exec -i lab-${CAT}-mids kafkacat -P -b kafka:29092 -t events`, { input });
}

async function events(): Promise<string> {
  return (await run(`docker exec lab-${CAT}-mids kafkacat -C -b kafka:29092 -t events -o beginning -e -q`)).output;
}

/** Commands that are ended at random moments and typed again; nobody's work is lost, and the others see nothing of it. */
export function randomMoments(): void {
  test.each(["SIGINT", "SIGKILL"] as const)("%s: save, down and up end in the right state", async (signal) => {
    const others = await containersOf(BEN);
    await send(signal);
    writeFileSync(w205(CAT, `${signal}.txt`), "mine\n");
    const work = await events();
    expect(work).toContain(signal);

    const before = (await wholeSavesOf(CAT)).length;
    await endAtAnyMoment("save", signal);
    await inClass(`save ${CAT}`);
    expect((await wholeSavesOf(CAT)).length).toBeGreaterThan(before);

    await endAtAnyMoment("down", signal);
    expect(endings(await labsOf(`down ${CAT}`))).toEqual([`${CAT} done`]);
    expect(await leftovers(CAT)).toEqual([]);
    await wholeSavesOf(CAT);

    await endAtAnyMoment("up", signal);
    expect(endings(await labsOf(`up ${CAT}`))).toEqual([`${CAT} done`]);
    expect(await containersOf(CAT)).toHaveLength(7);
    await inClass(`restore ${CAT}`);
    expect(await events()).toBe(work);
    expect((await run("cat *.txt", { cwd: w205(CAT) })).output).toContain("mine");
    expect(await containersOf(BEN)).toEqual(others);
  });
}
