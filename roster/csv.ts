import { CsvError, parse } from "csv-parse/sync";
import { BadInputError } from "../platform/checks";

/** A row and the line it begins on. */
export interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** A file's text. @throws BadInputError on what is neither UTF-8 nor UTF-16 */
export function decode(name: string, bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (!text.includes("\0")) {
      return text;
    }
  } catch {
    // Said below.
  }
  throw new BadInputError(name, 'it is not UTF-8 text; allowed is CSV in UTF-8: in Excel, save it as "CSV UTF-8".');
}

/**
 * The rows that are not empty, with the separator by which the first line has the most columns that are known.
 *
 * @throws BadInputError on broken quotes
 */
export function readRows(name: string, text: string, isKnown: (cell: string) => boolean): Row[] {
  // Excel writes such a line first, and reads it.
  const told = /^sep=(.)\r?\n/i.exec(text);
  const body = told ? text.slice(told[0].length) : text;
  const delimiters = told ? [told[1]!] : [",", ";", "\t"];
  const firstLine = /^\s*[^\r\n]*/.exec(body)![0];
  const columnsWith = (delimiter: string): number =>
    firstLine.split(delimiter).filter((cell) => isKnown(cell.replaceAll('"', ""))).length;
  const delimiter = delimiters.reduce((best, one) =>
    columnsWith(one) > columnsWith(best) ||
    (columnsWith(one) === columnsWith(best) && firstLine.split(one).length > firstLine.split(best).length)
      ? one
      : best,
  );
  const skipped = told ? 1 : 0;
  try {
    const records = parse(body, {
      delimiter,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      info: true,
    }) as unknown as { readonly record: string[]; readonly info: { readonly lines: number } }[];
    let line = 1;
    return records
      .map(({ record, info }) => {
        const row = { cells: record.map(clean), line: line + skipped };
        line = info.lines + 1;
        return row;
      })
      .filter(({ cells }) => cells.some(Boolean));
  } catch (error) {
    if (error instanceof CsvError) {
      const at = (error as unknown as { lines?: number }).lines;
      throw new BadInputError(
        at === undefined ? name : `${name}:${at + skipped}`,
        `the CSV is broken: ${error.message.replace(/ (at|on) line \d+.*/s, "")}.`,
      );
    }
    throw error;
  }
}

/** A cell without the blanks around it and what can't be seen. */
export function clean(cell: string): string {
  return cell
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}
