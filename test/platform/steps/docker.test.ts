import { runCommand, TIMED_OUT } from "../../../platform/steps/docker";

test("a command's output and exit code", async () => {
  expect(await runCommand(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
    exitCode: 3,
    output: expect.stringMatching(/^(out\nerr|err\nout)\n$/) as string,
  });
});

test("a program that is not there is an outcome too", async () => {
  expect(await runCommand(["no-such-program"])).toMatchObject({ exitCode: 127 });
});

test("a command that does not end is ended, and says so after what it printed", async () => {
  expect(await runCommand(["sh", "-c", "trap '' TERM; echo began; exec sleep 60"], { timeoutSeconds: 1 })).toEqual({
    exitCode: TIMED_OUT,
    output: "began\n\n(sh did not end in 1 s)",
  });
});

test("nor is it waited for what a command left behind that holds its output open", async () => {
  const started = Date.now();
  const command = "sleep 20 & echo began; exec sleep 20";
  expect(await runCommand(["sh", "-c", command], { timeoutSeconds: 1 })).toMatchObject({ exitCode: TIMED_OUT });
  expect(Date.now() - started).toBeLessThan(10_000);
});
