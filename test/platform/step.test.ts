import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { duration } from "../../platform/health";
import { pythonErrorLine } from "../../platform/hook";
import { shellWord } from "../../platform/step";

test("a shell reads back every word as it was", () => {
  const word = fc.string().filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      // What Terraform does to its own escapes before a shell sees the command.
      const line = words.map(shellWord).join(" ").replaceAll("$${", "${").replaceAll("%%{", "%{");
      const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${line}`]).toString("utf8");
      expect(printed.split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 50 },
  );
});

test.each([
  [5, "5s"],
  [60, "1m0s"],
  [75, "1m15s"],
  [3600, "1h0m0s"],
])("%d seconds are %s to Docker", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("Python that does not parse is found with its line", () => {
  expect(pythonErrorLine("import os\nprint(os.sep)\n")).toBeUndefined();
  expect(pythonErrorLine("import os\n\ndef f(:\n  pass\n")).toBe(3);
});
