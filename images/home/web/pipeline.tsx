import type { ComponentChildren } from "preact";
import type { Canary, LabState, Service } from "./state";
import { ago, count, rate, rows } from "./words";

const MOST_TABLES = 6;

interface StationProps {
  readonly title: string;
  /** Who works here, and whose figures these are. */
  readonly services: readonly Service[];
  readonly now: number;
  /** The canary's time for the hop to here. */
  readonly hop: number | undefined;
  readonly children: ComponentChildren;
}

/** The way of an event, with what lies and moves at each hop of it. */
export function Pipeline({ state, now }: { state: LabState; now: number }): ComponentChildren {
  const figures = (name: string): Service["figures"] =>
    state.services.find((service) => service.name === name)?.figures ?? {};
  const station = (title: string, names: readonly string[], hop: string): Omit<StationProps, "children"> => ({
    title,
    services: state.services.filter(({ name }) => names.includes(name)),
    now,
    hop: hopSeconds(state.canary, hop),
  });
  const [kafka, hdfs, presto] = [figures("kafka"), figures("hdfs"), figures("presto")];
  const tables = figures("metastore").tables ?? [];
  return (
    <section aria-labelledby="pipeline">
      <h2 id="pipeline">Pipeline</h2>
      <ol class="pipeline">
        <Station {...station("Game API", ["mids"], "game API")}>
          <Big>{figures("mids").gameApi ? "runs" : "not started"}</Big>
        </Station>
        <Station {...station("Kafka", ["kafka"], "Kafka")}>
          <Big figure="events">{count(kafka.events ?? 0, "event")}</Big>
          <p data-figure="rate">{rate(kafka.perSecond)}</p>
        </Station>
        <Station {...station("Spark", ["spark", "hdfs"], "Spark")}>
          <p>{readWords("batch", hdfs.batchRead, kafka.end)}</p>
          <p>{readWords("stream", hdfs.stream?.read, kafka.end)}</p>
          {hdfs.stream && (
            <p>
              batch {hdfs.stream.batch}, {ago(now - hdfs.stream.changed)}
            </p>
          )}
        </Station>
        <Station {...station("HDFS", ["hdfs"], "HDFS")}>
          {hdfs.folders?.length === 0 && <Big>no Parquet files</Big>}
          <ul>
            {hdfs.folders?.map((folder) => (
              <li key={folder.path}>
                <code>{folder.path}</code> {count(folder.files, "file")}, {rows(folder)}
              </li>
            ))}
          </ul>
        </Station>
        <Station {...station("Hive metastore", ["metastore"], "Hive")}>
          <Big>{count(tables.length, "table")}</Big>
          <p>
            {tables
              .slice(0, MOST_TABLES)
              .map(({ name }) => name)
              .join(", ")}
          </p>
          {tables.length > MOST_TABLES && <p>and {tables.length - MOST_TABLES} more</p>}
        </Station>
        <Station {...station("Presto", ["presto"], "Presto")}>
          <Big>{count(presto.workers ?? 0, "node")}</Big>
          <p>{presto.running ? `${count(presto.running, "query", "queries")} running` : "no query running"}</p>
        </Station>
      </ol>
    </section>
  );
}

/** Figures of a service that is down are shown as what they are: old. */
function Station({ title, services, now, hop, children }: StationProps): ComponentChildren {
  const state = (["down", "unknown"] as const).find((bad) => services.some((service) => service.state === bad)) ?? "up";
  const reads = services.map(({ readAt }) => readAt ?? 0);
  const read = Math.min(...reads) || null;
  return (
    <li class={`station ${state}`}>
      <h3>{title}</h3>
      {read === null ? <Big>{state === "down" ? "down" : "…"}</Big> : <div class="figures">{children}</div>}
      {state === "down" && read !== null && <p class="old">down; as it was {ago(now - read)}</p>}
      {hop !== undefined && <p class="hop">canary: {hop.toFixed(1)} s</p>}
    </li>
  );
}

function Big({ children, figure }: { children: ComponentChildren; figure?: string }): ComponentChildren {
  return (
    <p class="big" data-figure={figure}>
      {children}
    </p>
  );
}

function readWords(job: string, read: number | null | undefined, end: number | undefined): string {
  if (read === null || read === undefined) {
    return `${job}: nothing read yet`;
  }
  return end === undefined ? `${job}: read ${read}` : `${job}: read ${read} of ${end}`;
}

function hopSeconds(canary: Canary | null, name: string): number | undefined {
  return canary?.hops.find((hop) => hop.name === name)?.seconds;
}
