import type { Bench, Part, Row } from "../harness/part";
import { median } from "../harness/statistics";
import { seconds } from "../harness/turns";
import { Lab } from "../support/lab";
import { runJob, SameRows, shownRows } from "../support/spark-job";

const EVENTS = 1_000_000;
/** As many as the class exercise sends. */
const FEW = 40;
const topicOf = (events: number): string => `bench-${events}`;

/** The jobs, and the folder that those write to whose rows are on files. */
const JOBS: Readonly<Record<string, { readonly writes?: string }>> = {
  filtered_writes: { writes: "purchases" },
  write_hive_table: { writes: "purchases" },
  filter_swords_batch: {},
  filter_swords_stream: {},
  write_swords_stream: { writes: "swords" },
};
const WAYS = ["lab", "notes"] as const;

/** Reads the topic and does nothing with it. */
const READ_ALONE = "read_alone";

type Way = (typeof WAYS)[number];

/** One job's figures in one way on one topic, a value a run. */
class Figures {
  readonly ready: number[] = [];
  readonly processor: number[] = [];
  readonly whole: number[] = [];
}

async function measure(bench: Bench): Promise<Row[]> {
  const lab = new Lab("perf-j", 16_211);
  const figures = new Map<string, Figures>();
  const name = (job: string, way: Way, events: number): string => `${job} ${way} ${events}`;
  const of = (job: string, way: Way, events = EVENTS): Figures => figures.get(name(job, way, events))!;
  const same = new SameRows();
  let run = 0;
  const once = async (job: string, way: Way, events: number): Promise<number> => {
    const { writes } = JOBS[job]!;
    const options = { way, job, topic: topicOf(events), events, folder: `/tmp/bench/${++run}`, writes };
    let done: Awaited<ReturnType<typeof runJob>> | undefined;
    const command = await seconds(async () => {
      done = await runJob(lab, options);
    });
    const { timed, output } = done!;
    const [count, sum] = timed.rows;
    same.check(`${job} on ${events}`, writes ? sum! : shownRows(output), count, events / 2);
    of(job, way, events).ready.push(timed.seconds);
    of(job, way, events).processor.push(timed.processorSeconds);
    of(job, way, events).whole.push(command - timed.lookSeconds);
    return timed.seconds;
  };
  try {
    await lab.deploy();
    await lab.copyIn("mids", "bench/jobs", "/tmp/bench-jobs");
    await lab.copyIn("spark", "bench/jobs", "/tmp/bench-jobs");
    const contestants: Record<string, () => Promise<number>> = {};
    for (const events of [EVENTS, FEW]) {
      await lab.exec("mids", ["python3", "/tmp/bench-jobs/fill_topic.py", topicOf(events), String(events)]);
      for (const job of Object.keys(JOBS)) {
        for (const way of WAYS) {
          figures.set(name(job, way, events), new Figures());
          contestants[name(job, way, events)] = () => once(job, way, events);
        }
      }
    }
    contestants[READ_ALONE] = async () => {
      const topic = topicOf(EVENTS);
      const options = { way: "lab", job: READ_ALONE, topic, events: EVENTS, folder: "/tmp/bench/0" } as const;
      return (await runJob(lab, options)).timed.seconds;
    };
    const samples = await bench.turns(contestants);
    return [
      ...Object.keys(JOBS).flatMap((job) => rows(job, of(job, "lab"), of(job, "notes"))),
      ...Object.keys(JOBS).map((job) =>
        fewRow(job, of(job, "lab", FEW), of(job, "notes", FEW), median(of(job, "notes").ready) / 5),
      ),
      {
        id: READ_ALONE,
        what: "reading the topic and doing nothing with it, from the session being ready",
        unit: "s",
        samples: samples[READ_ALONE]!,
        against: { what: "the notes' filter_swords_batch", samples: of("filter_swords_batch", "notes").ready },
        note: "what a job that reads the topic with Spark takes at least here.",
      },
    ];
  } finally {
    await lab.sweep();
  }
}

function rows(job: string, ours: Figures, notes: Figures): Row[] {
  return [
    {
      id: job,
      what: `${job}, from the session being ready`,
      unit: "s",
      samples: ours.ready,
      against: { what: "the notes' way", samples: notes.ready },
      goal: { ratio: 0.2 },
    },
    {
      id: `${job}-processor`,
      what: `${job}, processor time of that`,
      unit: "s",
      samples: ours.processor,
      against: { what: "the notes' way", samples: notes.processor },
    },
    {
      id: `${job}-whole`,
      what: `${job}, whole`,
      unit: "s",
      samples: ours.whole,
      against: { what: "the notes' way", samples: notes.whole },
    },
  ];
}

function fewRow(job: string, ours: Figures, notes: Figures, goal: number): Row {
  return {
    id: `${job}-few`,
    what: `${job} on ${FEW} events, whole`,
    unit: "s",
    samples: ours.whole,
    against: { what: "the notes' way", samples: notes.whole },
    note:
      `from the session being ready ${median(ours.ready).toFixed(2)} s; a fifth of what the notes' way takes for ` +
      `${EVENTS.toLocaleString("en")} events is ${goal.toFixed(2)} s.`,
  };
}

/** The Spark jobs on a full topic. */
export const jobs: Part = {
  name: "jobs",
  about:
    `Each of the lab's Spark jobs on a topic of ${EVENTS.toLocaleString("en")} events in one partition, half of them purchases, and on one ` +
    `of ${FEW}, by turns with the ` +
    "same job as class notes write it (a Python function a row, rows made into a frame) in the same lab. A stream ends when " +
    "it has read the topic. What comes out is compared: rows on files by their number and sum, others as they are shown.",
  runs: 3,
  run: measure,
};
