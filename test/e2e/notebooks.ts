import { readFileSync } from "node:fs";
import { labFolder, placeOf, PORTS, w205 } from "./support/lab";
import { presto } from "./support/place";
import { run } from "./support/shell";

const NOTEBOOKS = ["1-events-and-kafka", "2-batch-to-parquet", "3-hive", "4-presto", "5-streaming"];

interface Cell {
  readonly cell_type: string;
  readonly outputs?: readonly {
    readonly text?: readonly string[];
    readonly data?: Readonly<Record<string, unknown>>;
  }[];
}

/** Every notebook from top to bottom, unattended, and what each counts beside what Presto says. */
export function notebooks(lab: keyof typeof PORTS): void {
  const printed: Record<string, string> = {};
  const charts: Record<string, number> = {};

  /** The number that a notebook printed behind these words. */
  const said = (notebook: string, words: string): number =>
    Number(new RegExp(`^${words}: (\\d+)$`, "m").exec(printed[notebook] ?? "")?.[1]);
  const rows = async (table: string): Promise<number> =>
    Number((await presto(placeOf(lab), `select count(*) from ${table}`))[0]!.replaceAll('"', ""));

  async function execute(notebook: string): Promise<void> {
    await run(
      `docker-compose exec -T spark jupyter execute --output={notebook_name}-executed /w205/notebooks/${notebook}.ipynb`,
      { cwd: labFolder(lab) },
    );
    const text = readFileSync(w205(lab, "notebooks", `${notebook}-executed.ipynb`), "utf8");
    const outputs = (JSON.parse(text) as { cells: Cell[] }).cells.flatMap((cell) => cell.outputs ?? []);
    printed[notebook] = outputs.flatMap(({ text }) => text ?? []).join("");
    charts[notebook] = outputs.filter(({ data }) => data?.["application/vnd.vegalite.v5+json"]).length;
  }

  test.each(NOTEBOOKS)("%s runs from top to bottom", (notebook) => execute(notebook), 180_000);

  test("all count the purchases that Presto counts", async () => {
    const purchases = await rows("purchases");
    expect(purchases).toBeGreaterThan(0);
    expect({
      kafka: said("1-events-and-kafka", "purchases on the topic"),
      hdfs: said("2-batch-to-parquet", "purchases in HDFS"),
      hive: said("3-hive", "purchases in Hive"),
      spark: said("3-hive", "purchases in Spark's table"),
      presto: said("4-presto", "purchases in Presto"),
    }).toEqual({ kafka: purchases, hdfs: purchases, hive: purchases, spark: purchases, presto: purchases });
  });

  test("the stream took what came while it was stopped, once", async () => {
    expect(said("5-streaming", "new rows")).toBe(7);
    expect(said("5-streaming", "swords in the stream's files")).toBe(await rows("notebook_swords"));
  });

  test("the charts are drawn by JupyterLab itself", () => {
    expect(Object.values(charts)).toEqual([2, 1, 0, 1, 1]);
  });

  test("a notebook can be run again", async () => {
    const before = await rows("notebook_swords");
    await execute("5-streaming");
    expect(said("5-streaming", "new rows")).toBe(7);
    // What the first run had watched, and this one, and the seven: each event once.
    expect(await rows("notebook_swords")).toBe(said("5-streaming", "rows after the second run"));
    expect(await rows("notebook_swords")).toBeGreaterThanOrEqual(before + 7);
  });
}
