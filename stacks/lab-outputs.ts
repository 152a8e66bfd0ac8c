import type { Lab } from "../platform/lab";
import { ACCESS_FILE } from "../platform/ssh-files";
import type { LinkedPage } from "../services/home";
import type { Spark } from "../services/spark";
import { Superset, SUPERSET_USER } from "../services/superset";

/** What answers on the host, by name. */
export function labUrls(lab: Lab): Record<string, string> {
  return Object.fromEntries(
    lab.services.flatMap((service) =>
      service.publishedPorts.map(({ what, external, address }) => [what, `http://${address}:${external}`]),
    ),
  );
}

/** The paths of what answers behind JupyterLab's login, by the names that people know: images/spark/jupyter has them. */
const BEHIND_JUPYTERLAB = {
  JupyterLab: "/lab",
  Presto: "/presto/",
  "the NameNode": "/namenode/",
  "the Spark UI": "/spark/",
  "the game API": "/game-api/",
};

/** The pages that the front page leads to: by JupyterLab's port and the token, unless they ask for it themselves. */
export function linkedPages(lab: Lab, spark: Spark): LinkedPage[] {
  const behind = Object.entries(BEHIND_JUPYTERLAB).map(([name, path]) => {
    return { name, port: spark.jupyterPort, path, throughJupyter: true };
  });
  const others = lab.services.flatMap((service) =>
    service.publishedPorts
      .filter(({ what }) => !(what in BEHIND_JUPYTERLAB))
      .map(({ what, external }) => ({ name: what, port: external, path: "/", throughJupyter: false })),
  );
  return [...behind, ...others];
}

/** Every step of the exercise as it is typed in the lab's folder. */
export function exerciseCommands(): Record<string, string> {
  const on = (service: string, command: string): string => `docker-compose exec ${service} ${command}`;
  const job = (name: string): string => on("spark", `spark-submit /w205/full-stack2/${name}.py`);
  return {
    "01 game API": on("mids", "env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0"),
    "02 watch the events": on("mids", "kafkacat -C -b kafka:29092 -t events -o beginning"),
    "03 send events": on("mids", 'ab -n 10 -H "Host: user1.comcast.com" http://localhost:5000/purchase_a_sword'),
    "04 purchases to parquet": job("filtered_writes"),
    "05 look at them in HDFS": on("cloudera", "hadoop fs -ls /tmp/purchases/"),
    "06 Hive": on("cloudera", "hive"),
    "07 Spark's shell": on("spark", "pyspark"),
    "08 purchases as a table": job("write_hive_table"),
    "09 Presto": on("presto", "presto --server presto:8080 --catalog hive --schema default"),
    "10 explicit schema": job("filter_swords_batch"),
    "11 stream to the console": job("filter_swords_stream"),
    "12 stream to parquet": job("write_swords_stream"),
  };
}

/** The versions of what runs. */
export function labVersions(lab: Lab): Record<string, string> {
  return Object.assign({}, ...lab.services.map((service) => service.versions)) as Record<string, string>;
}

/** How to log in to Superset, where the lab has it. */
function supersetLogin(lab: Lab): string[] {
  return lab.services.some((service) => service instanceof Superset)
    ? [`  Superset's user is ${SUPERSET_USER}, its password is the lab's token.`]
    : [];
}

/** What to type after a deploy, for a person. */
export function whatNext(lab: Lab): string {
  const urls = Object.entries(labUrls(lab)).map(([what, url]) => `  ${what}: ${url}`);
  const steps = Object.entries(exerciseCommands()).map(([step, command]) => `  ${step.slice(0, 2)}  ${command}`);
  if (lab.host.ssh) {
    return whatNextOnHost(lab, steps, urls);
  }
  return [
    `The lab "${lab.id}" is up.`,
    "",
    "Go to its folder, and type the exercise:",
    `  cd labs/${lab.id}`,
    ...steps,
    "",
    "On this machine:",
    ...urls,
    `  The lab's token is in labs/${lab.id}/jupyter-token; with it, ready to open: npm run link -- ${lab.id}`,
    ...supersetLogin(lab),
    "",
    `Your files are in labs/${lab.id}/w205 (in the lab: /w205).`,
    `Take the lab away: npx cdktf destroy ${lab.id}`,
  ].join("\n");
}

/** The same where the lab is on another machine; how to get in is read when the deploy prints it. */
function whatNextOnHost(lab: Lab, steps: readonly string[], urls: readonly string[]): string {
  const access = lab.terraformPath(`labs/${lab.id}/${ACCESS_FILE}`);
  return [
    `The lab "${lab.id}" is up.`,
    "",
    `\${fileexists("${access}") ? file("${access}") : ""}`,
    "There, type the exercise, in ~/w205 or any folder in it:",
    ...steps,
    "",
    "In your browser, while the tunnel is open:",
    ...urls,
    `  The lab's token is in labs/${lab.id}/jupyter-token here, and in ~/jupyter-token there; with it, ready to open:`,
    `  npm run link -- ${lab.id}`,
    ...supersetLogin(lab),
    "",
    `Take the lab away: npx cdktf destroy ${lab.id}`,
  ].join("\n");
}
