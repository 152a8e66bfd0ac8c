/** A step of `npm run lab`: synthesizes a lab, and prints the folders of its stacks. */
import { withLabLock } from "../platform/lab-lock";
import { pickLabs } from "../roster/chosen";
import { readClass } from "../roster/class-file";
import { synthesize } from "../stacks/synthesize";
import { failWith } from "./fail";

async function synth(lab = ""): Promise<void> {
  const entries = pickLabs("npm run lab", readClass(), [lab]);
  const [synthesized] = await withLabLock(lab, "npm run lab", () => synthesize(entries, { manifest: false }));
  console.log(JSON.stringify(synthesized));
}

synth(process.argv[2]).catch(failWith);
