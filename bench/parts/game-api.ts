import type { Bench, Part, Row } from "../harness/part";
import { Lab } from "../support/lab";
import { serve, Server, Stopped, UnderAb } from "../support/served";

const REQUESTS = 5000;
/** The signal comes so many seconds after the load. */
const STOP_AFTER = 2;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Ours, what the ratio has to be, and how people call it. */
const OURS: readonly { readonly server: Server; readonly ratio: number; readonly what: string }[] = [
  { server: "flask", ratio: 1.5, what: "flask run" },
  { server: "granian", ratio: 3, what: "under granian" },
];
const NOTES = "the notes' way, flask run";

type Runs<Figures> = Record<Server, Figures[]>;

const none = <Figures>(): Runs<Figures> => ({ flask: [], granian: [], notes: [] });

async function measure(bench: Bench): Promise<Row[]> {
  const lab = new Lab("perf-g", 16_214);
  const load = none<UnderAb>();
  const stops = { SIGTERM: none<Stopped>(), SIGINT: none<Stopped>() };
  const underAb = (server: Server) => async (): Promise<number> => {
    const figures = await serve<UnderAb>(lab, "ab", server, String(REQUESTS));
    load[server].push(figures);
    return figures.requestsPerSecond;
  };
  try {
    await lab.deploy();
    await lab.copyIn("mids", "bench/game-api", "/tmp/bench-game-api");
    await bench.turns({ flask: underAb("flask"), notes: underAb("notes"), granian: underAb("granian") });
    for (const signal of SIGNALS) {
      for (const server of ["flask", "granian", "notes"] as const) {
        const figures = await serve<Stopped>(lab, "stop", server, signal, String(STOP_AFTER));
        stops[signal][server].push(figures);
        bench.say(`${server}, ${signal}: ${JSON.stringify(figures)}`);
      }
    }
    return [...OURS.flatMap((ours) => loadRows(ours, load)), ...lossRows(load, stops)];
  } finally {
    await lab.sweep();
  }
}

function loadRows({ server, ratio, what }: (typeof OURS)[number], load: Runs<UnderAb>): Row[] {
  const of = (name: Server, figure: "requestsPerSecond" | "slowestMs"): number[] =>
    load[name].map((run) => run[figure]);
  return [
    {
      id: `${server}-requests`,
      what: `requests a second, ${what}`,
      unit: "1/s",
      better: "higher",
      samples: of(server, "requestsPerSecond"),
      against: { what: NOTES, samples: of("notes", "requestsPerSecond") },
      goal: { ratio },
    },
    {
      id: `${server}-99`,
      what: `99th percentile, ${what}`,
      unit: "ms",
      samples: of(server, "slowestMs"),
      against: { what: NOTES, samples: of("notes", "slowestMs") },
    },
  ];
}

/** Answered requests whose event is not on the topic. Ours are to lose none; of the notes' way it is reported. */
function lossRows(load: Runs<UnderAb>, stops: Record<(typeof SIGNALS)[number], Runs<Stopped>>): Row[] {
  const situations: [string, string, Runs<{ readonly answered: number; readonly missing: number }>][] = [
    ["load", `of ab's ${REQUESTS} requests`, load],
    ...SIGNALS.map((signal): [string, string, Runs<Stopped>] => [
      signal,
      `${signal} in the middle of the load`,
      stops[signal],
    ]),
  ];
  return situations.flatMap(([id, situation, runs]) =>
    [...OURS, { server: "notes" as const, what: NOTES }].map(({ server, what }): Row => {
      const answered = runs[server].map((run) => run.answered).join(", ");
      return {
        id: `${server}-missing-${id}`,
        what: `answered without an event, ${what}, ${situation}`,
        unit: "events",
        samples: runs[server].map(({ missing }) => missing),
        goal: server === "notes" ? undefined : { median: 0 },
        note: `answered: ${answered}.`,
      };
    }),
  );
}

/** The game API under load. */
export const gameApi: Part = {
  name: "game-api",
  about:
    `The game API under \`ab -n ${REQUESTS} -c 16\` in mids, by turns with the one of class notes (a producer with its ` +
    "defaults, one send a request); then stopped in the middle of a load, and each answered request looked for on the topic.",
  runs: 5,
  run: measure,
};
