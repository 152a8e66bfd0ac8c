import { SERVICE_NAMES } from "../../stacks/lab-stack";
import type { Bench, Part, Row } from "../harness/part";
import { seconds } from "../harness/turns";
import { LabImages } from "../support/images";

const toMB = (bytes: number): number => bytes / 1e6;

async function measure(bench: Bench): Promise<Row[]> {
  const images = await LabImages.synthesized("perf-i", 16_208);
  try {
    await images.build();
    const { rebuild } = await bench.turns({ rebuild: () => seconds(() => images.build()) });
    const layers = await images.layers();
    const all = new Map(SERVICE_NAMES.flatMap((service) => layers[service] ?? []).map(({ id, bytes }) => [id, bytes]));
    const size = (service: string): number => (layers[service] ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
    return [
      {
        id: "all",
        what: "the six services' images on disk, shared layers once",
        unit: "MB",
        samples: [toMB([...all.values()].reduce((sum, bytes) => sum + bytes, 0))],
        goal: { median: 2200 },
      },
      ...SERVICE_NAMES.map((service) => ({
        id: `size-${service}`,
        what: `${service}, with the layers that it shares`,
        unit: "MB" as const,
        samples: [toMB(size(service))],
      })),
      {
        id: "rebuild",
        what: "rebuild, nothing changed",
        unit: "s",
        samples: rebuild,
        goal: { median: 5 },
        note: "`docker build` of all eight images (base, maven, six services) one after the other.",
      },
    ];
  } finally {
    images.forget();
  }
}

/** Sizes of the images, and a build that has nothing to do. */
export const images: Part = {
  name: "images",
  about: "What the lab's images take on disk, and how long a build takes that finds all of its steps in the cache.",
  runs: 5,
  run: measure,
};

async function fromNothing(): Promise<Row[]> {
  const all = await LabImages.synthesized("perf-i", 16_208);
  try {
    return [
      {
        id: "nothing",
        what: "build of all images from nothing",
        unit: "s",
        samples: [await seconds(() => all.buildFromNothing())],
        note: "`docker build --no-cache` one after the other; packages come from their registries.",
      },
    ];
  } finally {
    all.forget();
  }
}

/** A build without any cache. */
export const imagesFromNothing: Part = {
  name: "images-from-nothing",
  about: "All images are built without a cache.",
  runs: 1,
  onlyByName: true,
  run: fromNothing,
};
