import type { DropletOptions } from "../stacks/droplet-options";
import type { ServicesOptions } from "../stacks/lab-stack";

/*
 * What a class file may hold. roster/class.schema.json is generated from these types and their comments, and each class
 * file is checked with it: `npm run schema` writes it anew.
 */

/** A class: who gets a lab, where, until when, and for how much. */
export interface ClassDefinition {
  /**
   * The class's name: letters, digits, "-" and "_". Droplets carry it as a tag.
   * @default "class"
   */
  readonly name?: string;
  /**
   * When the class ends: its labs are then to be taken away. A day (2026-12-20: its last minute, in `timeZone`), or a day and a
   * time (2026-12-20T18:00, or 2026-12-20T18:00-08:00 for a zone of its own).
   * @default - it has no end
   */
  readonly expires?: string;
  /**
   * The time zone of the days and times in this file, by its IANA name, such as America/Los_Angeles.
   * @default "UTC"
   */
  readonly timeZone?: string;
  /**
   * What the class may cost until it ends. `up` asks before it goes beyond.
   * @default - no bound
   */
  readonly budget?: Budget;
  /**
   * Where labs run: this machine, a droplet for each, or a machine that is there already.
   * @default "local"
   */
  readonly target?: TargetDefinition;
  /**
   * Options of the services of every lab.
   * @default - each service's own
   */
  readonly defaults?: ServicesOptions;
  /**
   * Where Terraform keeps the labs' states.
   * @default - on this machine, in labs/<id>/
   */
  readonly state?: StateDefinition;
  /**
   * The students, as a learning-management system (Canvas, Moodle, Blackboard) exports them: a CSV file, seen from the
   * class file's folder.
   * @default - the students are in this file
   */
  readonly roster?: string | RosterDefinition;
  /**
   * The students, or those that the roster lacks.
   * @default - those of the roster
   */
  readonly students?: readonly StudentDefinition[];
  /**
   * What is different for single students, by their ids. It comes over the class's own.
   * @default - nothing
   */
  readonly overrides?: Readonly<Record<string, LabDefinition>>;
}

/** Money that a class may cost. */
export interface Budget {
  /** How much. */
  readonly amount: number;
  /** Of which currency: DigitalOcean bills in US dollars. */
  readonly currency: "USD";
}

/** What is a lab's own. */
export interface LabDefinition {
  /**
   * Options of its services, over the class's.
   * @default - the class's
   */
  readonly services?: ServicesOptions;
  /**
   * Where it runs.
   * @default - the class's
   */
  readonly target?: TargetDefinition;
  /**
   * When it ends.
   * @default - with the class
   */
  readonly expires?: string;
}

/** A student, written into the class file. */
export interface StudentDefinition extends LabDefinition {
  /** The lab's id: 2 to 32 of a-z, 0-9 and single "-", a letter first. Another id is another lab. */
  readonly id: string;
  /**
   * The student's name.
   * @default - none
   */
  readonly name?: string;
  /**
   * The student's e-mail address.
   * @default - none
   */
  readonly email?: string;
}

/** A roster's file and how ids come from it. */
export interface RosterDefinition {
  /** The CSV file, seen from the class file's folder. */
  readonly file: string;
  /**
   * The columns that a student's id comes from: the first of these that holds something. An `email` counts up to its @.
   * @default ["login","email","sis","name"]
   */
  readonly idFrom?: readonly IdSource[];
  /**
   * Ids of single students, by what their row has as login, e-mail address, SIS id or name. For two whose ids would be
   * the same, or to keep an id when a student's name changes.
   * @default - none
   */
  readonly ids?: Readonly<Record<string, string>>;
}

/** A column of a roster that can make an id. */
export type IdSource = "login" | "email" | "sis" | "name";

/** Where a lab runs. */
export type TargetDefinition = "local" | "digitalocean" | DigitalOceanDefinition | HostDefinition;

/** A droplet for each lab. */
export interface DigitalOceanDefinition {
  /** The droplet's options. */
  readonly digitalocean: DropletOptions;
}

/** A machine with a Docker engine that is there already, reached by SSH. */
export interface HostDefinition {
  /** ssh://user@address or ssh://user@address:port */
  readonly host: string;
  /** The public key that the machine must show, such as "ssh-ed25519 AAAA...". */
  readonly hostKey: string;
  /**
   * The private key to log in with: a file on this machine.
   * @default - those that ssh finds by itself
   */
  readonly identityFile?: string;
  /**
   * The folder there for w205/ and docker-compose's files.
   * @default - the user's home
   */
  readonly folder?: string;
  /**
   * The user's number there.
   * @default 1000
   */
  readonly uid?: number;
  /**
   * The number of the user's group there.
   * @default 1000
   */
  readonly gid?: number;
}

/** Where Terraform keeps the labs' states. */
export interface StateDefinition {
  /** A bucket of S3 or of what speaks its language, such as DigitalOcean Spaces. */
  readonly s3: S3Definition;
}

/**
 * A bucket for states. Its keys come from the environment alone: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (of Spaces:
 * the pair that its control panel makes).
 */
export interface S3Definition {
  /** The bucket's name. */
  readonly bucket: string;
  /**
   * The service's address, such as https://fra1.digitaloceanspaces.com.
   * @default - Amazon's own, of the region
   */
  readonly endpoint?: string;
  /**
   * The bucket's region; Spaces takes any.
   * @default "us-east-1"
   */
  readonly region?: string;
  /**
   * The folder in the bucket: a lab's states are <prefix>/<id>/terraform.tfstate and <prefix>/<id>/droplet.tfstate.
   * @default - the class's name
   */
  readonly prefix?: string;
  /**
   * Have the service encrypt the states (AES-256).
   * @default true
   */
  readonly encrypt?: boolean;
  /**
   * Lock a state while a deploy is at work on it. The service must know conditional writes, and Terraform be 1.11 or newer;
   * `doctor` tries it.
   * @default true
   */
  readonly lock?: boolean;
}
