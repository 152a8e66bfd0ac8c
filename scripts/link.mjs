// npm run link [-- <id>]: prints the links that open a lab's front page and JupyterLab, with the lab's token.
import { labLinks } from "./setup/links.mjs";
import { runMain } from "./setup/refusal.mjs";

await runMain(() => {
  for (const [name, link] of Object.entries(labLinks(process.argv[2] ?? "local"))) {
    console.log(`${name}: ${link}`);
  }
  return Promise.resolve();
});
