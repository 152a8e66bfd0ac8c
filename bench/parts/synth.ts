import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../../platform/repository";
import { provideProviders } from "../../stacks/stack-folder";
import { run } from "../../test/e2e/support/shell";
import type { Bench, Part, Row } from "../harness/part";
import { seconds } from "../harness/turns";
import { BenchLab, benchLab, forgetLabs, SCRATCH, writeClass } from "../support/labs";

const OUT = join(SCRATCH, "synth-out");

/** Nobody listens on them: these labs are synthesized only. */
const FIRST_PORT = 20_000;

/** The command that cdktf runs, for itself: what it adds is part of a deploy. */
const { app: APP } = JSON.parse(readFileSync(join(REPOSITORY, "cdktf.json"), "utf8")) as { app: string };

/** A plan of a lab's hand-written HCL. */
class HandWritten {
  private readonly folder = join(SCRATCH, "stacks", "hand-written");

  async prepare(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    cpSync(join(REPOSITORY, "bench/support/hand-written.tf"), join(this.folder, "main.tf"));
    provideProviders(SCRATCH, "hand-written");
    await run("terraform init -input=false", { cwd: this.folder });
  }

  plan(): Promise<number> {
    return seconds(() => run("terraform plan -input=false -lock=false", { cwd: this.folder }));
  }
}

/** Synthesizes a class, or one of it; `fresh` from nothing, else what has not changed is not written again. */
function synthesize(classFile: string, { chosen, fresh = false }: { chosen?: BenchLab; fresh?: boolean } = {}) {
  return (labs: readonly BenchLab[]): Promise<number> => {
    if (fresh) {
      rmSync(OUT, { recursive: true, force: true });
      forgetLabs(labs);
    }
    const env = { CLASS_FILE: classFile, CDKTF_OUTDIR: OUT, ...(chosen && { LABS: chosen.id }) };
    return seconds(() => run(APP, { env }));
  };
}

async function measure(bench: Bench): Promise<Row[]> {
  const labs = Array.from({ length: 1000 }, (_, index) =>
    benchLab(`perf-${String(index + 1).padStart(4, "0")}`, FIRST_PORT + 3 * index),
  );
  const files = { one: 1, hundred: 100, thousand: 1000 };
  const classes = Object.fromEntries(
    Object.entries(files).map(([name, size]) => [name, writeClass(name, labs.slice(0, size))]),
  ) as Record<keyof typeof files, string>;
  const handWritten = new HandWritten();
  try {
    await handWritten.prepare();
    // Fills the caches that every later synth finds.
    await synthesize(classes.one)(labs);
    const samples = await bench.turns({
      one: () => synthesize(classes.one)(labs),
      oneOfThousand: () => synthesize(classes.thousand, { chosen: labs[499] })(labs),
      plan: () => handWritten.plan(),
      hundred: () => synthesize(classes.hundred, { fresh: true })(labs),
      thousand: () => synthesize(classes.thousand, { fresh: true })(labs),
      thousandAgain: () => synthesize(classes.thousand)(labs),
    });
    return rows(samples);
  } finally {
    forgetLabs(labs);
    rmSync(SCRATCH, { recursive: true, force: true });
  }
}

function rows(samples: Readonly<Record<string, readonly number[]>>): Row[] {
  const of = (name: string): readonly number[] => samples[name]!;
  return [
    {
      id: "one",
      what: "synth of one lab",
      unit: "s",
      samples: of("one"),
      against: { what: "terraform plan, hand-written HCL", samples: of("plan") },
      note: "what cdktf adds before Terraform starts; the plan is of a lab's containers, volumes and network alone.",
    },
    {
      id: "one-of-1000",
      what: "synth of one of a class of 1,000",
      unit: "s",
      samples: of("oneOfThousand"),
      against: { what: "synth of a class of one", samples: of("one") },
      goal: { ratio: 1.2 },
    },
    { id: "100", what: "synth of 100 labs, from nothing", unit: "s", samples: of("hundred") },
    { id: "1000", what: "synth of 1,000 labs, from nothing", unit: "s", samples: of("thousand"), goal: { median: 12 } },
    { id: "1000-again", what: "synth of 1,000 labs, nothing changed", unit: "s", samples: of("thousandAgain") },
  ];
}

/** What synthesizing costs. */
export const synth: Part = {
  name: "synth",
  about: "The app that cdktf runs writes the stacks, for a class of one, 100 and 1,000 labs, and for one of the 1,000.",
  runs: 5,
  run: measure,
};
