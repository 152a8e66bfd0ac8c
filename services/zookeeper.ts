import { Construct } from "constructs";
import { checkHeap, checkInteger } from "../platform/checks";
import { serviceImage, Software } from "../platform/image";
import { Service, ServiceOptions } from "../platform/service";

/** Options of ZooKeeper. */
export interface ZooKeeperOptions extends ServiceOptions {
  /**
   * The port that clients connect to, inside the lab's network.
   * @default 32181
   */
  readonly clientPort?: number;
  /**
   * ZooKeeper's unit of time, in milliseconds: a session times out after 2 to 20 of them.
   * @default 2000
   */
  readonly tickTimeMs?: number;
  /**
   * Heap of its JVM, in MiB.
   * @default 64
   */
  readonly heapMiB?: number;
}

const SOFTWARE: Software = { ZooKeeper: "org.apache.zookeeper:zookeeper" };

/** ZooKeeper, alone: it holds Kafka's topics and its one broker's registration. */
export class ZooKeeper extends Service {
  readonly clientPort: number;

  constructor(scope: Construct, id: string, options: ZooKeeperOptions = {}) {
    const { clientPort = 32181, tickTimeMs = 2000, heapMiB = 64, memoryMiB = 192 } = options;
    const where = `${scope.node.path}/${id}`;
    checkInteger(where, "clientPort", clientPort, 1024, 65535);
    checkInteger(where, "tickTimeMs", tickTimeMs, 100, 60_000);
    checkHeap(where, "heapMiB", heapMiB, memoryMiB, 96, 32);
    super(
      scope,
      id,
      {
        image: serviceImage(scope, "zookeeper", options, SOFTWARE),
        memoryMiB,
        environment: {
          ZOOKEEPER_CLIENT_PORT: String(clientPort),
          ZOOKEEPER_TICK_TIME: String(tickTimeMs),
          ZOOKEEPER_HEAP_MIB: String(heapMiB),
        },
        volumes: { data: "/data/zookeeper" },
      },
      options,
      ["clientPort", "tickTimeMs", "heapMiB"],
    );
    this.clientPort = clientPort;
  }

  /** Where clients connect: host:port. */
  get connect(): string {
    return `${this.serviceName}:${this.clientPort}`;
  }
}
