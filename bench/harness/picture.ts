import type { Row } from "./part";
import { median, number } from "./statistics";

const WIDTH = 760;
const LABELS = 330;
const VALUES = 90;
const BAR = 14;
const GAP = 18;

/** A picture says more than its table where several things of one unit are compared. */
export function hasPicture(rows: readonly Row[]): boolean {
  return rows.filter(({ against }) => against).length > 1;
}

/**
 * The rows that are compared with something as pairs of bars, ours above theirs. Each pair has its own scale: what
 * counts is how the two compare.
 */
export function picture(name: string, rows: readonly Row[]): string {
  const pairs = rows.filter(({ against }) => against);
  const height = pairs.length * (2 * BAR + GAP) + GAP;
  const bars = pairs.flatMap((row, index) => {
    const top = GAP + index * (2 * BAR + GAP);
    const values = [
      { label: row.what, value: median(row.samples), fill: "#2563eb" },
      { label: row.against!.what, value: median(row.against!.samples), fill: "#9ca3af" },
    ];
    const most = Math.max(...values.map(({ value }) => value));
    return values.map(({ label, value, fill }, which) => {
      const y = top + which * BAR;
      const length = ((WIDTH - LABELS - VALUES) * value) / most;
      return (
        `<text x="${LABELS - 8}" y="${y + 11}" text-anchor="end">${escape(label)}</text>` +
        `<rect x="${LABELS}" y="${y + 1}" width="${length.toFixed(1)}" height="${BAR - 2}" fill="${fill}"/>` +
        `<text x="${(LABELS + length + 6).toFixed(1)}" y="${y + 11}">${number(value)} ${row.unit}</text>`
      );
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>${escape(name)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...bars,
    "</svg>\n",
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
