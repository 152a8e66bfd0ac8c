import { Construct } from "constructs";
import { checkHeap } from "../platform/checks";
import { serviceImage, Software } from "../platform/image";
import { Lab } from "../platform/lab";
import { LOOPBACK, Service, ServiceOptions } from "../platform/service";
import type { Hadoop } from "./hadoop";

/** Options of Spark. */
export interface SparkOptions extends ServiceOptions {
  /**
   * Heap of each Spark driver (a job, a `pyspark`, a notebook), in MiB.
   * @default 512
   */
  readonly driverMemoryMiB?: number;
  /**
   * The host's port for JupyterLab.
   * @default 8888
   */
  readonly jupyterPort?: number;
  /**
   * The host's IPv4 address that JupyterLab's port is bound to.
   * @default 127.0.0.1
   */
  readonly bindAddress?: string;
}

/** What Spark needs. */
export interface SparkProps extends SparkOptions {
  /** Where its files and tables are. */
  readonly hadoop: Hadoop;
  /**
   * The host's port for Superset, which then has a tile in JupyterLab's launcher.
   * @default - the lab has no Superset
   */
  readonly supersetPort?: number;
}

/** Its container's memory limit unless told, in MiB. */
export const SPARK_MEMORY_MIB = 2048;

const SOFTWARE: Software = { Spark: "pyspark", JupyterLab: "jupyterlab" };

/** Spark in local mode, with JupyterLab. Jobs read Kafka and write to HDFS and the Hive metastore. */
export class Spark extends Service {
  /** The host's port for JupyterLab. */
  readonly jupyterPort: number;

  constructor(scope: Construct, id: string, props: SparkProps) {
    const { hadoop, supersetPort, ...options } = props;
    const { driverMemoryMiB = 512, jupyterPort = 8888, bindAddress = LOOPBACK, memoryMiB = SPARK_MEMORY_MIB } = options;
    // JupyterLab, Python and the JVM's own needs beside one driver's heap.
    checkHeap(`${scope.node.path}/${id}`, "driverMemoryMiB", driverMemoryMiB, memoryMiB, 640, 384);
    super(
      scope,
      id,
      {
        image: serviceImage(scope, "spark", options, SOFTWARE),
        memoryMiB,
        environment: {
          HADOOP_NAMENODE: hadoop.nameNode,
          HIVE_THRIFTSERVER: hadoop.metastore,
          SPARK_DRIVER_MEMORY_MIB: String(driverMemoryMiB),
          ...(supersetPort !== undefined && { SUPERSET_PORT: String(supersetPort) }),
        },
        ports: [
          { option: "jupyterPort", what: "JupyterLab", internal: 8888, external: jupyterPort, address: bindAddress },
        ],
        file: { source: Lab.of(scope).jupyterTokenFile, target: "/etc/lab/jupyter-token" },
        studentFolder: true,
        terminal: true,
        after: [hadoop],
      },
      options,
      ["driverMemoryMiB", "jupyterPort", "bindAddress"],
    );
    this.jupyterPort = jupyterPort;
  }

  /** Where JupyterLab answers in the lab's network: host:port. */
  get jupyter(): string {
    return `${this.serviceName}:8888`;
  }
}
