/** What the exercise has left in a lab, and what each of its steps makes of that. */

/** A look that failed: the service's own words. */
interface Problem {
  readonly problem: string;
}

/** A table as a query sees it. */
export interface TableFacts {
  readonly rows: number;
  /** Columns without a single value. */
  readonly empty: readonly string[];
}

/** What jobs/check/look_at_data.py prints. */
export interface DataFacts {
  /** Null where the topic is not there. */
  readonly events:
    | {
        readonly messages: number;
        readonly lookedAt: number;
        readonly found: readonly {
          readonly type: string | null;
          readonly host: string | null;
          readonly count: number;
        }[];
        readonly end: Readonly<Record<string, number>>;
      }
    | Problem
    | null;
  readonly purchases: FolderFacts | Problem;
  readonly swords: FolderFacts | Problem;
  readonly checkpoint: { readonly batches: number; readonly offsets: Readonly<Record<string, number>> } | Problem;
  readonly tables: TablesFacts | Problem;
  readonly w205:
    | {
        readonly edited: readonly string[];
        readonly own: number;
        readonly missing: readonly string[];
        readonly notebooks: readonly string[];
      }
    | Problem;
}

interface FolderFacts {
  readonly files: number;
  /** Of so many files the rows were counted. */
  readonly counted: number;
  readonly rows: number;
  readonly broken: readonly string[];
}

type TablesFacts = Readonly<Record<string, TableFacts | Problem>>;

/** All that a check has seen. */
export interface Facts {
  readonly data: DataFacts | Problem;
  /** The tables through Hive. */
  readonly hive: TablesFacts | Problem;
  /** Whether the job write_swords_stream.py runs now. */
  readonly streaming: boolean;
}

/** One step of the exercise, graded. */
export interface StepReport {
  /** The step's number in the notes. */
  readonly step: string;
  readonly title: string;
  readonly done: boolean;
  /** What was seen, in words. */
  readonly seen: string;
}

/** The notes send events from so many hosts, and the stream writes in so many batches at least. */
const HOSTS = 2;
const BATCHES = 2;

/** Grades the steps that leave a trace; the others (watching, printing) can't be seen afterwards. */
export function grade({ data, hive, streaming }: Facts): StepReport[] {
  const failed = "problem" in data ? data : undefined;
  const look = <K extends keyof DataFacts>(key: K): DataFacts[K] | Problem => failed ?? (data as DataFacts)[key];
  const table = (name: string): string | undefined =>
    tableProblem(name, "Presto", look("tables")) ?? tableProblem(name, "Hive", hive);
  const tableStep = (step: string, title: string, name: string): StepReport => {
    const problem = table(name);
    const rows = problem === undefined ? ((look("tables") as TablesFacts)[name] as TableFacts).rows : 0;
    return { step, title, done: problem === undefined, seen: problem ?? `${count(rows, "row")}, every column filled` };
  };
  return [
    ...gradeEvents(look("events")),
    gradeFolder("4", "purchases as parquet", "/tmp/purchases", look("purchases")),
    tableStep("6", "table purchases2", "purchases2"),
    tableStep("7", "table purchase_events", "purchase_events"),
    tableStep("8", "table purchases", "purchases"),
    gradeStream(look("swords"), look("checkpoint"), look("events"), streaming),
    ...gradeFolderOfStudent(look("w205")),
  ];
}

/** Whether a student has done all of it. */
export function allDone(steps: readonly StepReport[]): boolean {
  return steps.every(({ done }) => done);
}

function gradeEvents(events: DataFacts["events"]): StepReport[] {
  const step = (number: string, title: string, done: boolean, seen: string): StepReport => ({
    step: number,
    title,
    done,
    seen,
  });
  const titles = ["events by the game API", "events from spoofed hosts"] as const;
  if (events === null || "problem" in events) {
    const seen = events === null ? "there is no topic events" : events.problem;
    return titles.map((title, place) => step(["1", "3"][place]!, title, false, seen));
  }
  const of = (type: string): number => sum(events.found.filter((one) => one.type === type).map((one) => one.count));
  const [plain, bought] = [of("default"), of("purchase_sword")];
  const rest = events.lookedAt - plain - bought;
  const kinds = [`${plain} default`, `${bought} purchase_sword`, ...(rest > 0 ? [`${rest} other`] : [])].join(", ");
  const all = events.lookedAt < events.messages ? `, of the ${events.lookedAt} looked at` : "";
  const hosts = new Map<string, number>();
  for (const { type, host, count: number } of events.found) {
    if (type === "purchase_sword" && host !== null) {
      hosts.set(host, (hosts.get(host) ?? 0) + number);
    }
  }
  const names = [...hosts].sort(([, a], [, b]) => b - a).map(([host, events]) => `${host} ${events}`);
  const some = names.slice(0, 5).join(", ") + (names.length > 5 ? `, ${names.length - 5} more` : "");
  return [
    step("1", titles[0], plain > 0 && bought > 0, `${count(events.messages, "event")}: ${kinds}${all}`),
    step("3", titles[1], hosts.size >= HOSTS, hosts.size > 0 ? `purchases by host: ${some}` : "no purchase has a Host"),
  ];
}

function gradeFolder(step: string, title: string, path: string, folder: FolderFacts | Problem): StepReport {
  if ("problem" in folder) {
    return { step, title, done: false, seen: folder.problem };
  }
  const { files, counted, rows, broken } = folder;
  const done = rows > 0 && broken.length === 0;
  return { step, title, done, seen: broken[0] ?? folderInWords(path, files, counted, rows) };
}

function folderInWords(path: string, files: number, counted: number, rows: number): string {
  if (files === 0) {
    return `no parquet file in ${path}`;
  }
  const all = counted < files ? `, in the first ${counted}` : "";
  return `${count(files, "file")} in ${path}, ${count(rows, "row")}${all}`;
}

function gradeStream(
  swords: DataFacts["swords"],
  checkpoint: DataFacts["checkpoint"],
  events: DataFacts["events"],
  streaming: boolean,
): StepReport {
  const title = "stream of purchases";
  const folder = gradeFolder("12", title, "/tmp/sword_purchases", swords);
  if ("problem" in checkpoint) {
    return { ...folder, done: false, seen: checkpoint.problem };
  }
  const read = sum(Object.values(checkpoint.offsets));
  const end = events && "end" in events ? sum(Object.values(events.end)) : 0;
  const behind = streaming || end <= read ? "" : `, ${count(end - read, "event")} behind`;
  const seen = [
    folder.seen,
    `${count(checkpoint.batches, "batch", "batches")} done`,
    `the job ${streaming ? "runs" : "is stopped"}${behind}`,
  ];
  return { ...folder, done: folder.done && checkpoint.batches >= BATCHES, seen: seen.join("; ") };
}

function gradeFolderOfStudent(w205: DataFacts["w205"]): StepReport[] {
  const title = "a notebook that was run";
  if ("problem" in w205) {
    return [{ step: "13", title, done: false, seen: w205.problem }];
  }
  const { edited, own, missing, notebooks } = w205;
  const files = [
    notebooks.length > 0 ? notebooks.slice(0, 3).join(", ") : "none in /w205",
    edited.length > 0 ? `edited jobs: ${edited.join(", ")}` : "no job edited",
    `${count(own, "file")} of their own`,
    ...(missing.length > 0 ? [`deleted: ${missing.join(", ")}`] : []),
  ];
  return [{ step: "13", title, done: notebooks.length > 0, seen: files.join("; ") }];
}

/** What is wrong with a table; undefined where it has rows and every column has values. */
function tableProblem(name: string, by: string, tables: TablesFacts | Problem): string | undefined {
  if (isProblem(tables)) {
    return tables.problem;
  }
  const found = tables[name] ?? { problem: `${by} was not asked` };
  if ("problem" in found) {
    return `${by}: ${found.problem}`;
  }
  if (found.rows === 0) {
    return `${by}: no rows`;
  }
  return found.empty.length > 0 ? `${by}: no value in ${found.empty.join(", ")}` : undefined;
}

function isProblem(tables: TablesFacts | Problem): tables is Problem {
  return typeof tables.problem === "string";
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** "1 row", "2 rows". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}
