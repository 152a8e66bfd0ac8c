import { Construct } from "constructs";
import { serviceImage } from "../platform/image";
import { Lab } from "../platform/lab";
import { LOOPBACK, Service, ServiceOptions } from "../platform/service";
import type { Hadoop } from "./hadoop";
import type { Kafka } from "./kafka";
import type { Mids } from "./mids";
import type { Presto } from "./presto";
import type { Spark } from "./spark";
import type { Superset } from "./superset";
import type { ZooKeeper } from "./zookeeper";

/** Options of the front page. */
export interface HomeOptions extends ServiceOptions {
  /**
   * The host's port for the front page.
   * @default 8000
   */
  readonly webPort?: number;
  /**
   * The host's IPv4 address that the port is bound to.
   * @default 127.0.0.1
   */
  readonly bindAddress?: string;
}

/** Another web page that the front page leads to. */
export interface LinkedPage {
  /** What people call it. */
  readonly name: string;
  /** Its port on the lab's host. */
  readonly port: number;
  /** Its path there. */
  readonly path: string;
  /** Whether JupyterLab's login comes before it. */
  readonly throughJupyter: boolean;
}

/** What the front page looks at and shows. */
export interface HomeProps extends HomeOptions {
  readonly zookeeper: ZooKeeper;
  readonly kafka: Kafka;
  readonly hadoop: Hadoop;
  readonly spark: Spark;
  readonly presto: Presto;
  readonly mids: Mids;
  /** @default - the lab has no Superset */
  readonly superset?: Superset;
  /** Each step of the exercise, "01 what it is", and what is typed for it. */
  readonly exercise: Readonly<Record<string, string>>;
  /** The versions of what runs. */
  readonly versions: Readonly<Record<string, string>>;
  readonly pages: readonly LinkedPage[];
}

/** Its container's memory limit unless told, in MiB. */
export const HOME_MEMORY_MIB = 96;

/**
 * The front page: what the lab is, whether it is well, what runs through it, what to type next. It asks the services
 * themselves, by their own protocols, and asks for the lab's token.
 */
export class Home extends Service {
  constructor(scope: Construct, id: string, props: HomeProps) {
    const { zookeeper, kafka, hadoop, spark, presto, mids, superset, exercise, versions, pages, ...options } = props;
    const { webPort = 8000, bindAddress = LOOPBACK, memoryMiB = HOME_MEMORY_MIB } = options;
    const lab = Lab.of(scope);
    super(
      scope,
      id,
      {
        image: serviceImage(scope, "home", options),
        memoryMiB,
        environment: {
          LAB_ID: lab.id,
          LAB_ZOOKEEPER: zookeeper.connect,
          LAB_KAFKA: kafka.bootstrapServers,
          LAB_NAMENODE: hadoop.nameNodeWeb,
          LAB_METASTORE: hadoop.metastore,
          LAB_HIVESERVER: hadoop.hiveServer,
          LAB_JUPYTER: spark.jupyter,
          LAB_PRESTO: presto.web,
          LAB_GAME_API: mids.gameApi,
          ...(superset && { LAB_SUPERSET: superset.web }),
          LAB_EXERCISE: JSON.stringify(exercise),
          LAB_VERSIONS: JSON.stringify(versions),
          LAB_PAGES: JSON.stringify(pages),
        },
        ports: [{ option: "webPort", what: "the front page", internal: 8000, external: webPort, address: bindAddress }],
        volumes: { records: "/data/home" },
        file: { source: lab.jupyterTokenFile, target: "/etc/lab/jupyter-token" },
        // Last, so that nobody waits for a processor that it uses to start.
        after: [zookeeper, kafka, hadoop, spark, presto, mids, ...(superset ? [superset] : [])],
      },
      options,
      ["webPort", "bindAddress"],
    );
  }
}
