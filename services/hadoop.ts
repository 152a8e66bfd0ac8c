import { Construct } from "constructs";
import { checkHeap } from "../platform/checks";
import { serviceImage, Software } from "../platform/image";
import { LOOPBACK, Service, ServiceOptions } from "../platform/service";

/** Options of the Hadoop and Hive host. */
export interface HadoopOptions extends ServiceOptions {
  /**
   * Heap of the JVM that runs the NameNode and the DataNode, in MiB.
   * @default 192
   */
  readonly hdfsHeapMiB?: number;
  /**
   * Heap of the JVM that runs the Hive metastore and HiveServer2, in MiB. Hive's MapReduce runs in it too.
   * @default 320
   */
  readonly hiveHeapMiB?: number;
  /**
   * The host's port for the NameNode's web page.
   * @default - not published
   */
  readonly webPort?: number;
  /**
   * The host's IPv4 address that the port is bound to.
   * @default 127.0.0.1
   */
  readonly bindAddress?: string;
}

/** What `hive`, `hadoop` and `beeline`, which students start beside the daemons, need: MiB. */
const STUDENT_COMMANDS_MIB = 512;

const SOFTWARE: Software = {
  Hadoop: "org.apache.hadoop:hadoop-common",
  Hive: "org.apache.hive:hive-exec",
};

/** HDFS (NameNode, DataNode) and Hive (metastore, HiveServer2) on one host; the class notes call it `cloudera`. */
export class Hadoop extends Service {
  constructor(scope: Construct, id: string, options: HadoopOptions = {}) {
    const { hdfsHeapMiB = 192, hiveHeapMiB = 320, webPort, bindAddress = LOOPBACK, memoryMiB = 1536 } = options;
    const where = `${scope.node.path}/${id}`;
    checkHeap(where, "hdfsHeapMiB", hdfsHeapMiB, memoryMiB, hiveHeapMiB + STUDENT_COMMANDS_MIB, 96);
    checkHeap(where, "hiveHeapMiB", hiveHeapMiB, memoryMiB, hdfsHeapMiB + STUDENT_COMMANDS_MIB, 192);
    super(
      scope,
      id,
      {
        image: serviceImage(scope, "cloudera", options, SOFTWARE),
        memoryMiB,
        hostname: id,
        environment: { HDFS_HEAP_MIB: String(hdfsHeapMiB), HIVE_HEAP_MIB: String(hiveHeapMiB) },
        ports:
          webPort === undefined
            ? []
            : [{ option: "webPort", what: "the NameNode", internal: 50070, external: webPort, address: bindAddress }],
        volumes: { hdfs: "/data/hdfs", metastore: "/data/metastore" },
      },
      options,
      ["hdfsHeapMiB", "hiveHeapMiB", "webPort", "bindAddress"],
    );
  }

  /** The NameNode's host: its port is 8020, its web page's 50070. */
  get nameNode(): string {
    return this.serviceName;
  }

  /** Where the NameNode's web page and WebHDFS answer: host:port. */
  get nameNodeWeb(): string {
    return `${this.serviceName}:50070`;
  }

  /** Where HiveServer2 answers (JDBC): host:port. */
  get hiveServer(): string {
    return `${this.serviceName}:10000`;
  }

  /** Where the Hive metastore answers (thrift): host:port. */
  get metastore(): string {
    return `${this.serviceName}:9083`;
  }
}
