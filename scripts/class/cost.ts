import Table from "cli-table3";
import type { Command } from "commander";
import { readClassFile } from "../../roster/class-file";
import { ClassCost, classCost } from "./class-cost";
import { addCommand, chosenStudents, EXIT } from "./command";
import { dollars } from "./status-text";

/** Shows what the class costs. */
export function cost(program: Command): void {
  addCommand(program, {
    usage: "cost [students...]",
    description: "Show what the class, or these students, cost an hour, so far and until they end. Changes nothing.",
    run: async ([students]) => {
      const { labs, budget } = readClassFile();
      const entries = chosenStudents(labs, students as string[]);
      const found = await classCost(entries, { budget, wholeClass: labs, say: (message) => console.error(message) });
      return { exitCode: EXIT.done, json: found, text: costText(found) };
    },
  });
}

const TAKE_AWAY = "To take such labs away: npm run class -- down <id>";

/** The cost of a class, for a person. */
export function costText({
  labs,
  goldenImages,
  strays,
  prices,
  anHour,
  soFar,
  untilExpiry,
  budget,
  overBudget,
}: ClassCost): string {
  const paid = labs.filter((lab) => lab.anHour > 0);
  const free = labs.length - paid.length;
  const head = ["lab", "size", "an hour", "since (UTC)", "so far", "until (UTC)", "in all"];
  const rows = new Table({ head, style: { head: [], border: [] } });
  for (const lab of paid) {
    const { since, expires, size = "" } = lab;
    const times = [since ? minute(since) : "not made yet", expires ? minute(expires) : "no end"] as const;
    rows.push([
      lab.lab,
      size,
      dollars(lab.anHour, 3),
      times[0],
      dollars(lab.soFar),
      times[1],
      dollars(lab.untilExpiry),
    ]);
  }
  for (const { name, anHour: hour, since, soFar: paidFor, untilExpiry: inAll } of goldenImages) {
    rows.push([name, "snapshot", dollars(hour, 3), minute(since), dollars(paidFor), "deleted", dollars(inAll)]);
  }
  for (const { lab, size, anHour: hour, since, soFar: paidFor } of strays) {
    rows.push([`${lab} (in no class file)`, size, dollars(hour, 3), minute(since), dollars(paidFor), "no end", "?"]);
  }
  rows.push(["all", "", dollars(anHour, 3), "", dollars(soFar), "", dollars(untilExpiry)]);
  const earlier = labs.reduce((sum, lab) => sum + lab.earlier, 0);
  const source = prices === "api" ? "DigitalOcean's of today" : `those of ${prices.tableOf}`;
  return [
    ...(paid.length + goldenImages.length + strays.length > 0
      ? [rows.toString(), `US dollars before taxes; the prices are ${source}.`]
      : []),
    ...(earlier > 0 ? [`${dollars(earlier)} of it was for droplets that are taken away.`] : []),
    ...(free > 0 ? [`${free} ${free === 1 ? "lab" : "labs"} without a droplet: nothing to pay.`] : []),
    ...(untilExpiry === undefined ? ["What it costs in all is not known: some labs have no end (expires)."] : []),
    ...(strays.length > 0
      ? [
          `The class file has no student ${strays.map(({ lab }) => lab).join(", ")}: a droplet is billed all the same. ${TAKE_AWAY}`,
        ]
      : []),
    ...(budget ? [`The budget is ${dollars(budget.amount)}${overBudget ? "; the class may cost more." : "."}`] : []),
  ].join("\n");
}

function minute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
