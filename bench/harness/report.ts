import { hasPicture } from "./picture";
import { QUIET_BELOW } from "./machine";
import type { Part, Row } from "./part";
import type { PartResult, Results } from "./results";
import { median, number, ratio, reached } from "./statistics";

/** The results as a page: a table a part, with the day, the machine and the versions of its run. */
export function report(parts: readonly Pick<Part, "name" | "about">[], results: Results): string {
  const sections = parts.flatMap((part) => {
    const result = results[part.name];
    return result ? [section(part, result)] : [];
  });
  return `${[INTRODUCTION, ...sections].join("\n\n")}\n`;
}

const INTRODUCTION = `# Results of the bench

Written by \`npm run bench\`; a part that is run alone replaces its own section. Each figure is the median of its runs, with the least and the greatest beside it where there is more than one. What it is compared with was run in turns with it (A B A B), on the same machine in the same run. The ratio is ours divided by theirs. [docs/performance.md](../docs/performance.md) says what brought what.`;

function section({ name, about }: Pick<Part, "name" | "about">, result: PartResult): string {
  const { date, commit, machine, noise, versions, rows } = result;
  const percent = Math.round(noise.busy * 100);
  const notes = rows.flatMap(({ what, note }) => (note ? [`- ${what}: ${note}`] : []));
  return [
    `## ${name}`,
    about,
    table(rows),
    ...(notes.length > 0 ? [notes.join("\n")] : []),
    ...(hasPicture(rows) ? [`![${name}](${name}.svg)`] : []),
    ...(noise.busy > QUIET_BELOW
      ? [`**The machine was not quiet**: ${percent} % of its processors were in use by others between the turns.`]
      : []),
    `${date}, commit ${commit}. ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}; ` +
      `load before ${noise.loadBefore.toFixed(2)}, at most ${percent} % in use between the turns. ` +
      `${Object.entries(versions)
        .map(([of, is]) => `${of} ${is}`)
        .join(", ")}.`,
  ].join("\n\n");
}

function table(rows: readonly Row[]): string {
  const head = ["Figure", "Here", "Compared with", "There", "Ratio", "Goal", "Reached"];
  const lines = rows.map((row) => {
    const isReached = reached(row);
    return [
      row.what,
      figure(row.samples, row.unit),
      row.against?.what ?? "",
      row.against ? figure(row.against.samples, row.unit) : "",
      ratio(row)?.toFixed(2) ?? "",
      goal(row),
      isReached === undefined ? "" : isReached ? "yes" : "**no**",
    ];
  });
  // Aligned, as prettier would.
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...lines.map(line)].join("\n");
}

/** A median with its unit, and the spread. */
function figure(samples: readonly number[], unit: string): string {
  const middle = `${number(median(samples))} ${unit}`;
  const [least, greatest] = [Math.min(...samples), Math.max(...samples)];
  return samples.length > 1 ? `${middle} (${number(least)} to ${number(greatest)}, ${samples.length} runs)` : middle;
}

function goal({ goal, unit, better }: Row): string {
  const word = better === "higher" ? "at least" : "at most";
  return [
    ...(goal?.median === undefined ? [] : [`${word} ${goal.median} ${unit}`]),
    ...(goal?.ratio === undefined ? [] : [`${word} ${goal.ratio} times`]),
  ].join(", ");
}
