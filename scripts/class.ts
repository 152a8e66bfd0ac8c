/** The class's own commands: npm run class -- <command>. */
import { leaveOnInterrupt, onInterrupt } from "./class/interrupt";
import { main } from "./class/program";

leaveOnInterrupt();
// A result that has been told stands, also when the signal comes before the process has ended.
void main(process.argv.slice(2)).then(() => onInterrupt(() => process.exit()));
