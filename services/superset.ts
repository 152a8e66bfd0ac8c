import { Construct } from "constructs";
import { serviceImage, Software } from "../platform/image";
import { Lab } from "../platform/lab";
import { LOOPBACK, Service, ServiceOptions } from "../platform/service";
import type { Hadoop } from "./hadoop";
import type { Presto } from "./presto";

/** Options of Superset. */
export interface SupersetOptions extends ServiceOptions {
  /**
   * Whether the lab has it.
   * @default - on a droplet whose size holds it beside the other services, yes; elsewhere, where nothing says how much
   * memory there is, no
   */
  readonly enabled?: boolean;
  /**
   * The host's port for its web page.
   * @default 8088
   */
  readonly webPort?: number;
  /**
   * The host's IPv4 address that the port is bound to.
   * @default 127.0.0.1
   */
  readonly bindAddress?: string;
}

/** What Superset needs. */
export interface SupersetProps extends SupersetOptions {
  /** Whose HiveServer2 it asks. */
  readonly hadoop: Hadoop;
  /** The coordinator that it asks. */
  readonly presto: Presto;
}

/** The host's port for its web page unless told. */
export const SUPERSET_PORT = 8088;

const SOFTWARE: Software = { Superset: "apache-superset" };

/** Its container's memory limit unless told, in MiB. */
export const SUPERSET_MEMORY_MIB = 768;

/** Its one account; the password is the lab's token. */
export const SUPERSET_USER = "science";

/** Apache Superset: SQL in the browser on Presto and Hive, and a dashboard over the purchases. */
export class Superset extends Service {
  constructor(scope: Construct, id: string, props: SupersetProps) {
    const { hadoop, presto, webPort = SUPERSET_PORT, bindAddress = LOOPBACK, memoryMiB = SUPERSET_MEMORY_MIB } = props;
    super(
      scope,
      id,
      {
        image: serviceImage(scope, "superset", props, SOFTWARE),
        memoryMiB,
        environment: { HIVESERVER2: hadoop.hiveServer, PRESTO: presto.web },
        ports: [{ option: "webPort", what: "Superset", internal: 8088, external: webPort, address: bindAddress }],
        volumes: { metadata: "/data/superset" },
        file: { source: Lab.of(scope).jupyterTokenFile, target: "/etc/lab/jupyter-token" },
        after: [hadoop, presto],
      },
      props,
      ["enabled", "webPort", "bindAddress"],
    );
  }

  /** Where it answers in the lab's network: host:port. */
  get web(): string {
    return `${this.serviceName}:8088`;
  }
}
