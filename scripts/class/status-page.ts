import type { LabStatus } from "./lab-status";
import { costOfAll, dollars, STATUS_COLUMNS, StatusColumn } from "./status-text";

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: .5rem; color: #555; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem; border-bottom: 1px solid #ddd; }
.ready { color: #0a6b2d; } .starting { color: #8a5a00; } .broken, .unreachable { color: #b3001b; font-weight: 600; }
.none, .stopped { color: #595959; }
code { font-size: 85%; overflow-wrap: anywhere; }
`;

/** The status as one page that asks nothing of any other address. */
export function statusPage(labs: readonly LabStatus[], now: Date): string {
  const heads = ["Lab", ...STATUS_COLUMNS.map(({ head }) => head), "Open"].map(
    (head) => `<th scope="col">${head}</th>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Labs: ${labs.filter(({ state }) => state === "ready").length} of ${labs.length} ready</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Labs of the class</h1>
<table>
<caption>${labs.length} labs, as of <time datetime="${now.toISOString()}">${now.toISOString().slice(0, 16).replace("T", " ")} UTC</time>${total(labs)}</caption>
<thead><tr>${heads.join("")}</tr></thead>
<tbody>
${labs.map((lab) => row(lab, now)).join("\n")}
</tbody>
</table>
</body>
</html>
`;
}

function total(labs: readonly LabStatus[]): string {
  const cost = costOfAll(labs);
  return cost === 0 ? "" : `; so far they cost ${dollars(cost)} before taxes`;
}

function row(lab: LabStatus, now: Date): string {
  const cells = [
    `<th scope="row">${escapeHtml(lab.lab)}</th>`,
    ...STATUS_COLUMNS.map((column) => cell(column, lab, now)),
    `<td>${links(lab)}</td>`,
  ];
  return `<tr>${cells.join("")}</tr>`;
}

function cell({ text, problem, style }: StatusColumn, lab: LabStatus, now: Date): string {
  const classes = style ? ` class="${style(lab)}"` : "";
  return `<td${classes}>${escapeHtml(text(lab, now))}${detail(problem?.(lab))}</td>`;
}

function detail(text: string | undefined): string {
  return text ? `<br><small>${escapeHtml(text)}</small>` : "";
}

function links({ pages, tunnel }: LabStatus): string {
  const all = Object.entries(pages).map(([what, url]) => `<a href="${escapeHtml(url)}">${escapeHtml(what)}</a>`);
  return all.join(", ") + (tunnel && all.length > 0 ? `<br><code>${escapeHtml(tunnel)}</code>` : "");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
