import type { Command } from "commander";
import { ApiGate } from "../../platform/api-gate";
import { deleteSnapshot, GoldenImage, goldenImages } from "../../platform/golden-images";
import { digitalOceanToken } from "../../platform/steps/account";
import { LabClass, readClassFile } from "../../roster/class-file";
import { newLog, runLab } from "../../stacks/run-lab";
import { synthesize } from "../../stacks/synthesize";
import { stepOf } from "../../stacks/terraform-progress";
import { addCommand, CommandFailed, CommandResult, EXIT } from "./command";
import { BUILDER, builderOf, clearMachine, DropletEntry, makeGolden } from "./golden-image";
import { withLabs } from "./labs";
import { classNames } from "./droplets";
import { lookForLeftovers, noteWhatThereIs, proofText } from "./leftovers";
import { SNAPSHOT_GIB } from "./prices";

interface GoldenOptions {
  readonly list?: boolean;
  readonly remove?: boolean;
}

/** Makes the image that a class's droplets boot from. */
export function golden(program: Command): void {
  addCommand<GoldenOptions>(program, {
    usage: "golden",
    description:
      "Make a golden image: a builder droplet brings the lab up once, is cleared, snapshotted and destroyed. " +
      "Failed or interrupted, the same command goes on where it stopped.",
    options: (command) =>
      command
        .option("--list", "show the class's golden images and what they cost, and make none")
        .option("--remove", "delete all of the class's golden images, and make none"),
    run: (_, options) => run(options),
  });
}

async function run({ list, remove }: GoldenOptions): Promise<CommandResult> {
  const wholeClass = readClassFile();
  const builder = builderOf(wholeClass);
  if (!digitalOceanToken()) {
    throw new CommandFailed(EXIT.badInput, "There is no DigitalOcean token: export DIGITALOCEAN_TOKEN=...");
  }
  if (remove) {
    return removeAll(wholeClass);
  }
  return list ? show(await goldenImages(classNames(wholeClass.labs), say)) : make(builder);
}

function say(message: string): void {
  console.error(message);
}

async function removeAll(wholeClass: LabClass): Promise<CommandResult> {
  const images = await goldenImages(classNames(wholeClass.labs), say);
  const used = wholeClass.labs.filter(
    ({ target }) =>
      target?.kind === "digitalocean" && images.some(({ id }) => id === String(target.options.image ?? "")),
  );
  for (const { id } of images) {
    await deleteSnapshot(id, say);
  }
  const lines = images.map(({ id, name }) => `deleted: ${id} (${name})`);
  const still = used.length > 0 ? [`The class file still names one as image: take it out before the next up.`] : [];
  return {
    exitCode: EXIT.done,
    json: { deleted: images },
    text: [...(lines.length > 0 ? lines : ["The class has no golden image."]), ...still].join("\n"),
  };
}

function show(images: readonly GoldenImage[]): CommandResult {
  const text = images.length === 0 ? "The class has no golden image." : images.map(inWords).join("\n");
  return { exitCode: EXIT.done, json: { images }, text };
}

function inWords({ id, name, gib, since }: GoldenImage): string {
  const dollars = (gib * SNAPSHOT_GIB.aMonth).toFixed(2);
  return `${id}  ${name}, of ${since.slice(0, 16).replace("T", " ")} UTC: ${gib} GiB, $${dollars} a month`;
}

async function make(builder: DropletEntry): Promise<CommandResult> {
  const gate = await ApiGate.open();
  let image: GoldenImage | undefined;
  const work = {
    purpose: "npm run class -- golden",
    parallel: 1,
    each: async ({ id, lock, signal, say: step, useLog }: Parameters<Parameters<typeof withLabs>[1]["each"]>[0]) => {
      const log = newLog(id, "golden");
      useLog(log);
      const [lab] = await synthesize([builder], { manifest: false });
      const onLine = (line: string): void => {
        const word = stepOf(line);
        if (word) {
          step(word);
        }
      };
      image = await makeGolden({
        builder,
        lab: lab!,
        say: step,
        signal,
        clear: () => clearMachine(id),
        terraform: (verb, stacks) => runLab({ id, stacks }, verb, { lock, log, signal, onLine, env: gate.environment }),
      });
    },
  };
  const [outcome] = await withLabs([BUILDER], work).finally(() => gate.close());
  if (outcome!.status === "refused") {
    return { exitCode: EXIT.refused, json: { error: outcome!.reason }, text: outcome!.reason ?? "" };
  }
  const { className } = builder.target.options;
  await noteWhatThereIs(builder);
  const [proof] = await lookForLeftovers([{ lab: BUILDER, kind: "digitalocean", className }]);
  const left = proof!.leftovers.length > 0 || proof!.unknown !== undefined;
  if (image && outcome!.status === "done") {
    const others = (await goldenImages([className ?? "class"], say)).filter(({ id }) => id !== image!.id);
    return {
      exitCode: left ? EXIT.leftovers : EXIT.done,
      json: { image, others, proof },
      text: [
        "The golden image is made:",
        `  ${inWords(image)}`,
        "Name it in the class file, and droplets that are made from now on boot from it:",
        `  target: { digitalocean: { image: ${image.id} } }`,
        ...(others.length > 0 ? ["Older ones, which go on to cost:", ...others.map((one) => `  ${inWords(one)}`)] : []),
        ...others.map(({ id }) => `  doctl compute snapshot delete ${id} --force`),
        proofText([proof!]),
      ].join("\n"),
    };
  }
  const { status, reason = "", log } = outcome!;
  return {
    exitCode: status === "failed" ? EXIT.someFailed : EXIT.interrupted,
    json: { error: reason, status, log, proof },
    text: [
      `The golden image is not made: ${status}`,
      ...reason.split("\n").map((line) => `  ${line}`.trimEnd()),
      ...(log ? [`  The log: ${log}`] : []),
      ...(left
        ? [
            "The builder costs money as long as it is there. The same command goes on with it; to take it away:",
            `  npm run class -- down ${BUILDER} --no-save`,
          ]
        : []),
      proofText([proof!]),
    ].join("\n"),
  };
}
