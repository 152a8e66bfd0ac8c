import { Construct } from "constructs";
import { checkHeap } from "../platform/checks";
import { serviceImage, Software } from "../platform/image";
import { LOOPBACK, Service, ServiceOptions } from "../platform/service";
import type { Hadoop } from "./hadoop";

/** Options of Presto. */
export interface PrestoOptions extends ServiceOptions {
  /**
   * Heap of its JVM, in MiB; the limits of a query's memory follow from it.
   * @default 448
   */
  readonly heapMiB?: number;
  /**
   * The host's port for Presto's web page and API.
   * @default - not published
   */
  readonly webPort?: number;
  /**
   * The host's IPv4 address that the port is bound to.
   * @default 127.0.0.1
   */
  readonly bindAddress?: string;
}

/** What Presto needs. */
export interface PrestoProps extends PrestoOptions {
  /** Whose tables it queries. */
  readonly hadoop: Hadoop;
}

/** Its container's memory limit unless told, in MiB. */
export const PRESTO_MEMORY_MIB = 1024;

const SOFTWARE: Software = { Presto: "com.facebook.presto:presto-main" };

/** Presto: one coordinator that is its own worker, with the catalog `hive`. */
export class Presto extends Service {
  constructor(scope: Construct, id: string, props: PrestoProps) {
    const { hadoop, heapMiB = 448, webPort, bindAddress = LOOPBACK, memoryMiB = PRESTO_MEMORY_MIB } = props;
    checkHeap(`${scope.node.path}/${id}`, "heapMiB", heapMiB, memoryMiB, 384, 384);
    super(
      scope,
      id,
      {
        image: serviceImage(scope, "presto", props, SOFTWARE),
        memoryMiB,
        hostname: id,
        environment: {
          HADOOP_NAMENODE: hadoop.nameNode,
          HIVE_THRIFTSERVER: hadoop.metastore,
          PRESTO_HEAP_MIB: String(heapMiB),
        },
        ports:
          webPort === undefined
            ? []
            : [{ option: "webPort", what: "Presto", internal: 8080, external: webPort, address: bindAddress }],
        studentFolder: true,
        after: [hadoop],
        // Its HDFS client keeps the NameNode's address, and a new container may have another.
        renewedWith: [hadoop],
      },
      props,
      ["heapMiB", "webPort", "bindAddress"],
    );
  }

  /** Where its API and web page answer: host:port. */
  get web(): string {
    return `${this.serviceName}:8080`;
  }
}
