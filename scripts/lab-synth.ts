/** A step of `npm run lab`: synthesizes a lab, and prints the folders of its stacks. */
import { withLabLock } from "../platform/lab-lock";
import { pickLabs } from "../roster/chosen";
import { inspectClass } from "../roster/class-file";
import { synthesize } from "../stacks/synthesize";
import { failWith } from "./fail";

async function synth(lab = ""): Promise<void> {
  const { result, mistakes } = inspectClass();
  // A class file that is wrong may lack the lab only for that.
  const entries = mistakes.length > 0 ? result.labs : pickLabs("npm run lab", result.labs, [lab]);
  const options = { manifest: false, found: mistakes };
  const [synthesized] = await withLabLock(lab, "npm run lab", () => synthesize(entries, options));
  console.log(JSON.stringify(synthesized));
}

synth(process.argv[2]).catch(failWith);
