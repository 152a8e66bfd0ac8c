import { Construct } from "constructs";
import { serviceImage, Software } from "../platform/image";
import { LOOPBACK, Service, ServiceOptions } from "../platform/service";
import type { Kafka } from "./kafka";

/** Options of the client. */
export interface MidsOptions extends ServiceOptions {
  /**
   * The host's port for the student's own `flask run`.
   * @default 5000
   */
  readonly gameApiPort?: number;
  /**
   * The host's IPv4 address that the port is bound to.
   * @default 127.0.0.1
   */
  readonly bindAddress?: string;
}

/** What the client needs. */
export interface MidsProps extends MidsOptions {
  /** The broker it sends to and reads from. */
  readonly kafka: Kafka;
}

/** Its container's memory limit unless told, in MiB. */
export const MIDS_MEMORY_MIB = 512;

const SOFTWARE: Software = { Flask: "flask" };

/** The client: a terminal with flask, kafkacat, ab, curl, jq. It idles; the student runs the game API in it. */
export class Mids extends Service {
  constructor(scope: Construct, id: string, props: MidsProps) {
    const { kafka, gameApiPort = 5000, bindAddress = LOOPBACK, memoryMiB = MIDS_MEMORY_MIB } = props;
    super(
      scope,
      id,
      {
        image: serviceImage(scope, "mids", props, SOFTWARE),
        memoryMiB,
        hostname: id,
        environment: { KAFKA_BOOTSTRAP: kafka.bootstrapServers },
        ports: [
          { option: "gameApiPort", what: "the game API", internal: 5000, external: gameApiPort, address: bindAddress },
        ],
        studentFolder: true,
        terminal: true,
        after: [kafka],
      },
      props,
      ["gameApiPort", "bindAddress"],
    );
  }

  /** Where the game API answers while the student runs it: host:port. */
  get gameApi(): string {
    return `${this.serviceName}:5000`;
  }
}
