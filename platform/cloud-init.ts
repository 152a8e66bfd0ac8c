import { stringify } from "yaml";
import { BadInputError } from "./checks";

/** The parts of cloud-init's document that a droplet's boot uses. */
export interface CloudConfig {
  readonly users: readonly CloudUser[];
  readonly disable_root: boolean;
  readonly ssh_pwauth: boolean;
  readonly ssh_deletekeys: boolean;
  readonly ssh_genkeytypes: readonly string[];
  readonly bootcmd: readonly (readonly string[])[];
  readonly locale: string;
  readonly apt: { readonly conf: string };
  readonly package_update: boolean;
  readonly packages: readonly string[];
  readonly swap?: { readonly filename: string; readonly size: number };
  readonly mounts?: readonly (readonly string[])[];
  readonly write_files: readonly CloudFile[];
  readonly runcmd: readonly (string | readonly string[])[];
}

/** A user as cloud-init makes it. */
export interface CloudUser {
  readonly name: string;
  readonly uid: number;
  readonly groups: readonly string[];
  readonly shell: string;
  readonly lock_passwd: boolean;
  readonly ssh_authorized_keys: readonly string[];
}

/** A file as cloud-init writes it. */
export interface CloudFile {
  readonly path: string;
  readonly content: string;
  readonly permissions?: string;
  readonly append?: boolean;
  /** After packages and users rather than before. */
  readonly defer?: boolean;
}

/** What a droplet's boot depends on. */
export interface BootProps {
  /** The lab's id. */
  readonly lab: string;
  readonly publicKeys: readonly string[];
  /** The one-time secret by which the droplet proves its host key: 64 hexadecimal digits. */
  readonly pinSecret: string;
  readonly swapMiB: number;
  /**
   * The name of the DigitalOcean volume that holds Docker's data and the student's folder.
   * @default - none
   */
  readonly volumeName?: string;
}

/** The folder of the proof. Its owner is `science` in the end, so that the deploy can take the proof away. */
const STATE_FOLDER = "/var/lib/fullstack-lab";

/** The proof of the host key, which sshd shows to whoever connects: see docs/decisions/0006-host-key.md. */
export const PROOF_FILE = `${STATE_FOLDER}/host-key-proof`;

/** Begins the proof's line. */
export const PROOF_MARK = "fullstack-lab host key proof";

const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key";
const HOME = "/home/science";
const VOLUME = "/mnt/lab";

/** DigitalOcean takes no more. */
const MAX_BYTES = 64 * 1024;

/** A new host key before sshd starts, and the proof of it; `docker` as a system group, or it would take number 1000. */
const HOST_KEY_SCRIPT = `set -e
umask 077
getent group docker >/dev/null || groupadd --system docker
rm -f /etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C '' -f ${HOST_KEY}
mkdir -p -m 755 ${STATE_FOLDER}
python3 - "$1" >${PROOF_FILE} <<'END'
import hashlib, hmac, sys
key = " ".join(open("${HOST_KEY}.pub").read().split()[:2])
print("${PROOF_MARK}", hmac.new(bytes.fromhex(sys.argv[1]), key.encode(), hashlib.sha256).hexdigest())
END
chmod 644 ${PROOF_FILE}
`;

const SSHD_CONFIG = `# Keys alone, one user, and room for the many short connections of a deploy.
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
AllowUsers science
AllowTcpForwarding local
AllowAgentForwarding no
X11Forwarding no
MaxStartups 100:30:200
MaxSessions 64
HostKey ${HOST_KEY}
Banner ${PROOF_FILE}
`;

function welcome(lab: string): string {
  return `
This is the lab "${lab}". Your files are in ~/w205 (in the containers: /w205).

  cd ~/w205/full-stack2
  docker-compose exec mids env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0
  docker-compose exec spark spark-submit /w205/full-stack2/filtered_writes.py
  docker-compose exec presto presto --server presto:8080 --catalog hive --schema default
  docker-compose ps

`;
}

/** The boot of a lab's droplet, step by step. */
export function bootDocument(props: BootProps): CloudConfig {
  const onVolume = props.volumeName !== undefined;
  return {
    users: [
      {
        name: "science",
        uid: 1000,
        // adm may read the boot's own logs, which a deploy shows when the boot failed.
        groups: ["adm", "docker"],
        shell: "/bin/bash",
        lock_passwd: true,
        ssh_authorized_keys: props.publicKeys,
      },
    ],
    disable_root: true,
    ssh_pwauth: false,
    ssh_deletekeys: false,
    ssh_genkeytypes: ["ed25519"],
    bootcmd: [["cloud-init-per", "instance", "lab-host-key", "sh", "-c", HOST_KEY_SCRIPT, "sh", props.pinSecret]],
    locale: "C.UTF-8",
    apt: { conf: 'APT::Install-Recommends "false";\n' },
    package_update: true,
    packages: ["apparmor", "ca-certificates", "docker-compose", "docker.io", "git", "unattended-upgrades"],
    ...(props.swapMiB > 0 && { swap: { filename: "/swapfile", size: props.swapMiB * 1024 * 1024 } }),
    ...(onVolume && {
      mounts: [
        [`/dev/disk/by-id/scsi-0DO_Volume_${props.volumeName}`, VOLUME, "ext4", "defaults,nofail,discard", "0", "2"],
      ],
    }),
    write_files: [
      { path: "/etc/ssh/sshd_config.d/10-lab.conf", content: SSHD_CONFIG, permissions: "0644" },
      { path: "/etc/docker/daemon.json", content: daemonSettings(onVolume), permissions: "0644" },
      // The containers' project, wherever docker-compose is typed.
      { path: "/etc/environment", content: `COMPOSE_PROJECT_NAME=lab-${props.lab}\n`, append: true },
      { path: "/etc/motd", content: welcome(props.lab), permissions: "0644" },
      {
        path: "/etc/apt/apt.conf.d/20auto-upgrades",
        content: 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
        // The boot's own packages come first: two apts at once would stop each other.
        defer: true,
      },
      ...(onVolume
        ? [
            {
              path: "/etc/systemd/system/docker.service.d/10-lab-volume.conf",
              content: `[Unit]\nRequiresMountsFor=${VOLUME} ${HOME}/w205\n`,
            },
          ]
        : []),
    ],
    runcmd: [
      "set -e",
      ["install", "-d", "-o", "science", "-g", "science", `${HOME}/w205`],
      ...(onVolume ? volumeCommands() : []),
      ["systemctl", "enable", "--now", "docker"],
      ["docker", "version"],
      ["chown", "science:science", STATE_FOLDER],
    ],
  };
}

/** The student's folder lies on the volume, and Docker with its data waits for it. */
function volumeCommands(): (string | readonly string[])[] {
  return [
    ["mountpoint", "-q", VOLUME],
    ["install", "-d", "-o", "science", "-g", "science", `${VOLUME}/w205`],
    `echo '${VOLUME}/w205 ${HOME}/w205 none bind,x-systemd.requires-mounts-for=${VOLUME} 0 0' >> /etc/fstab`,
    ["systemctl", "daemon-reload"],
    ["mount", `${HOME}/w205`],
    // The package has started Docker before its folder was there.
    ["systemctl", "restart", "docker"],
  ];
}

function daemonSettings(onVolume: boolean): string {
  const settings = {
    "live-restore": true,
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": "3" },
    // A port that somebody publishes without an address is for the droplet alone.
    ip: "127.0.0.1",
    ...(onVolume && { "data-root": `${VOLUME}/docker` }),
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}

/** The user data of a document. @throws BadInputError when DigitalOcean would not take it */
export function userData(where: string, document: CloudConfig): string {
  const text = `#cloud-config\n${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    throw new BadInputError(
      where,
      `the droplet's user data come to ${bytes} bytes; allowed are ${MAX_BYTES}. Fewer or shorter public keys make it less.`,
    );
  }
  return text;
}
