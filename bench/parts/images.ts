import { SERVICE_NAMES } from "../../stacks/lab-stack";
import type { Bench, Part, Row } from "../harness/part";
import { seconds } from "../harness/turns";
import { LabImages } from "../support/images";

/** Listed sizes of published images of the same services, uncompressed, in MB. */
const PUBLISHED: Readonly<Record<string, Row["against"]>> = {
  kafka: { what: "apache/kafka 3.5.1 on Java 17, as listed", samples: [460.76] },
  zookeeper: { what: "ubuntu/zookeeper on Java 11, as listed", samples: [359.03] },
};

const PUBLISHED_IN =
  "KIP-975 (Apache Kafka's wiki, 2023), which also lists bitnami/kafka with 517 MB and cp-kafka with 876 MB";

const toMB = (bytes: number): number => bytes / 1e6;

async function measure(bench: Bench): Promise<Row[]> {
  const images = LabImages.synthesized();
  await images.init();
  await images.build();
  const { rebuild } = await bench.turns({ rebuild: () => seconds(() => images.build()) });
  const layers = await images.layers();
  const all = new Map(SERVICE_NAMES.flatMap((service) => layers[service] ?? []).map(({ id, bytes }) => [id, bytes]));
  const size = (service: string): number => (layers[service] ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    {
      id: "all",
      what: "the services' images on disk, shared layers once",
      unit: "MB",
      samples: [toMB([...all.values()].reduce((sum, bytes) => sum + bytes, 0))],
      goal: { median: 2200 },
      note: `published images' sizes are those of ${PUBLISHED_IN}; for the other services no listed size was found.`,
    },
    ...SERVICE_NAMES.map((service) => ({
      id: `size-${service}`,
      what: `${service}, with the layers that it shares`,
      unit: "MB" as const,
      samples: [toMB(size(service))],
      against: PUBLISHED[service],
    })),
    {
      id: "rebuild",
      what: "rebuild, nothing changed",
      unit: "s",
      samples: rebuild,
      goal: { median: 5 },
      note: "`terraform apply` of a lab's images alone (base, maven, those of the services) with an empty state, its own start included.",
    },
  ];
}

/** Sizes of the images, and a build that has nothing to do. */
export const images: Part = {
  name: "images",
  about: "What the lab's images take on disk, and how long a build takes that finds all of its steps in the cache.",
  runs: 5,
  run: measure,
};

async function fromNothing(): Promise<Row[]> {
  const all = LabImages.synthesized();
  return [
    {
      id: "nothing",
      what: "build of all images from nothing",
      unit: "s",
      samples: [await seconds(() => all.buildFromNothing())],
      note: "`docker build --no-cache` one after the other; packages come from their registries.",
    },
  ];
}

/** A build without any cache. */
export const imagesFromNothing: Part = {
  name: "images-from-nothing",
  about: "All images are built without a cache.",
  runs: 1,
  onlyByName: true,
  run: fromNothing,
};
