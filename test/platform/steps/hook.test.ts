import { howItEnded } from "../../../platform/steps/hook";

test.each([
  [124, "INFO at work\n", "was ended after 90 s; its last lines:\nINFO at work"],
  [124, "", "was ended after 90 s, and printed nothing"],
  [137, "", "was killed (137), for want of memory or because it did not end after 90 s, and printed nothing"],
  [3, "first\nsecond\nlast\n", "ended with 3; its last lines:\nsecond\nlast"],
  [1, "   at some.java.Frame\n", "ended with 1, and printed nothing"],
])("a command that ended with %d says how", (exitCode, output, words) => {
  expect(howItEnded({ exitCode, output }, { timeoutSeconds: 90 }, 2)).toBe(words);
});
