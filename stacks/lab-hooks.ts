import { Hook } from "../platform/hook";
import type { Lab } from "../platform/lab";
import type { Hadoop } from "../services/hadoop";
import type { Kafka } from "../services/kafka";
import type { Mids } from "../services/mids";

/** The services that the hooks act on. */
export interface HookedServices {
  readonly kafka: Kafka;
  readonly hadoop: Hadoop;
  readonly mids: Mids;
}

const HOOKS = "jobs/hooks";

/** A hook script's two commands: with `--check LAB` it changes nothing, and fails when its result is gone. */
function script(lab: Lab, name: string, ...args: string[]): { command: string[]; check: string[] } {
  const python = ["python3", `${HOOKS}/${name}`];
  return { command: [...python, ...args], check: [...python, "--check", lab.id, ...args] };
}

/** The lab's post-deploy hooks: topics, HDFS folders, the jobs into /w205, the Hive DDL. */
export function declareHooks(lab: Lab, { kafka, hadoop, mids }: HookedServices): void {
  const shared = `${HOOKS}/lab.py`;
  new Hook(lab, "topics", {
    service: mids,
    actsOn: [kafka],
    files: [`${HOOKS}/create_topics.py`, shared],
    ...script(lab, "create_topics.py", "events:1"),
  });
  const folders = new Hook(lab, "folders", {
    service: hadoop,
    files: [`${HOOKS}/hdfs_folders.py`, shared],
    ...script(
      lab,
      "hdfs_folders.py",
      "/tmp:science:1777",
      "/user/science:science:755",
      "/user/hive/warehouse:science:1777",
    ),
  });
  new Hook(lab, "jobs", {
    service: mids,
    files: [`${HOOKS}/install_jobs.py`, `${HOOKS}/student_folder.py`, shared, "jobs/w205", "jobs/notebooks"],
    ...script(lab, "install_jobs.py", "jobs/w205", "jobs/notebooks=notebooks", "/w205"),
  });
  const ddl = "jobs/w205/full-stack2/purchases2.sql";
  new Hook(lab, "ddl", {
    service: hadoop,
    after: [folders],
    files: [`${HOOKS}/apply_ddl.py`, `${HOOKS}/hive.py`, shared, ddl],
    ...script(lab, "apply_ddl.py", ddl, "default.purchases2", "accept,host,user_agent,event_type,timestamp"),
  });
}
