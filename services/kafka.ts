import { Construct } from "constructs";
import { checkHeap, checkInteger } from "../platform/checks";
import { serviceImage, Software } from "../platform/image";
import { Service, ServiceOptions } from "../platform/service";
import type { ZooKeeper } from "./zookeeper";

/** Options of Kafka. */
export interface KafkaOptions extends ServiceOptions {
  /**
   * The broker's number.
   * @default 1
   */
  readonly brokerId?: number;
  /**
   * Heap of its JVM, in MiB.
   * @default 160
   */
  readonly heapMiB?: number;
}

/** What Kafka needs. */
export interface KafkaProps extends KafkaOptions {
  /** Where the broker registers itself. */
  readonly zookeeper: ZooKeeper;
}

/** The port that the notes' commands use. */
const ADVERTISED_PORT = 29092;

const SOFTWARE: Software = { Kafka: "org.apache.kafka:kafka_2.13" };

/** Kafka in ZooKeeper mode, one broker. */
export class Kafka extends Service {
  constructor(scope: Construct, id: string, props: KafkaProps) {
    const { zookeeper, brokerId = 1, heapMiB = 160, memoryMiB = 512 } = props;
    const where = `${scope.node.path}/${id}`;
    checkInteger(where, "brokerId", brokerId, 0, 1000);
    // The students' tools run beside the broker, 105 to 145 MiB each.
    checkHeap(where, "heapMiB", heapMiB, memoryMiB, 320, 96);
    super(
      scope,
      id,
      {
        image: serviceImage(scope, "kafka", props, SOFTWARE),
        memoryMiB,
        environment: {
          KAFKA_BROKER_ID: String(brokerId),
          KAFKA_ZOOKEEPER_CONNECT: zookeeper.connect,
          KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${id}:${ADVERTISED_PORT}`,
          KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
          KAFKA_HEAP_MIB: String(heapMiB),
        },
        volumes: { data: "/data/kafka" },
        after: [zookeeper],
        // A broker that meets a new ZooKeeper notices late that its topics are not known there.
        renewedWith: [zookeeper],
      },
      props,
      ["brokerId", "heapMiB"],
    );
  }

  /** Where clients bootstrap: host:port. */
  get bootstrapServers(): string {
    return `${this.serviceName}:${ADVERTISED_PORT}`;
  }
}
