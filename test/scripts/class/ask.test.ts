import { PassThrough } from "node:stream";
import { agree } from "../../../scripts/class/ask";
import { EXIT } from "../../../scripts/class/command";

/** The question, with what is typed at the terminal. */
async function answer(keys: string): Promise<{ printed: string; agreed: Promise<void> }> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const agreed = agree("Go on?", false, { input, output });
  agreed.catch(() => undefined);
  input.write(keys);
  await agreed.catch(() => undefined);
  return { printed: String(output.read()), agreed };
}

test.each(["y\n", "Yes\r", " yes \n"])("%j agrees", async (keys) => {
  const { printed, agreed } = await answer(keys);
  await expect(agreed).resolves.toBeUndefined();
  expect(printed).toContain("Go on? [y/N] ");
});

test.each(["n\n", "\n", "yellow\n", "\u0003", "\u0004"])("%j does not, and nothing was touched", async (keys) => {
  const { agreed } = await answer(keys);
  await expect(agreed).rejects.toMatchObject({ exitCode: EXIT.refused, message: "nothing was touched" });
});

test("where nobody is at a terminal, it names the option", async () => {
  const terminal = { input: new PassThrough(), output: new PassThrough() };
  await expect(agree("Go on?", false, terminal)).rejects.toThrow("--yes");
  await expect(agree("Go on?", true, terminal)).resolves.toBeUndefined();
});
