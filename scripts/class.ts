/** The class's own commands: npm run class -- <command>. */
import { main } from "./class/program";

void main(process.argv.slice(2));
