import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { REPOSITORY } from "../../platform/repository";
import { STEPS_PROGRAM, writeStepsProgram } from "../../platform/steps-program";

test("the steps' program runs by itself, from any folder, and says what is wrong with its words", async () => {
  await writeStepsProgram();
  const step = (...words: string[]): { status: number | null; stderr: string } =>
    spawnSync(process.execPath, [join(REPOSITORY, STEPS_PROGRAM), ...words], { cwd: "/", encoding: "utf8" });
  expect(step("clear").status).toBe(0);
  const unknown = step("nosuch");
  expect(unknown.status).toBe(1);
  expect(unknown.stderr).toContain('there is no step "nosuch"');
  expect(step("hook").stderr).toContain("hook: --name is missing");
});
