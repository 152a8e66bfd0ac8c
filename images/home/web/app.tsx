import { ComponentChildren, render } from "preact";
import { Exercise, Next } from "./exercise";
import { useLab } from "./lab";
import { Pipeline } from "./pipeline";
import type { Canary, LabState, Query, Service } from "./state";
import { ago, duration, summary, upFor } from "./words";

function Page(): ComponentChildren {
  const { state, now, trouble } = useLab();
  if (!state) {
    return <main>{trouble ? <p role="alert">{trouble}</p> : <p>Looking at the lab …</p>}</main>;
  }
  document.title = `${state.lab}: ${trouble ? "no answer" : summary(state.services)}`;
  return (
    <>
      <header>
        <h1>
          The lab <b>{state.lab}</b>
        </h1>
        <Health state={state} trouble={trouble} />
      </header>
      <main class={trouble ? "stale" : undefined}>
        <Pipeline state={state} now={now} />
        <Next steps={state.exercise} />
        <div class="columns">
          <Services services={state.services} now={now} />
          <div>
            <Pages pages={state.pages} />
            <LastCanary canary={state.canary} now={now} />
            <Queries presto={state.services.find(({ name }) => name === "presto")} now={now} />
          </div>
        </div>
        <Exercise steps={state.exercise} />
      </main>
      <footer>
        <h2>Versions</h2>
        <ul class="versions">
          {Object.entries(state.versions).map(([name, version]) => (
            <li key={name}>
              {name} <b>{version}</b>
            </li>
          ))}
        </ul>
      </footer>
    </>
  );
}

function Health({ state, trouble }: { state: LabState; trouble: string | undefined }): ComponentChildren {
  const well = !trouble && state.services.every((service) => service.state === "up");
  return (
    <p role="status" class={`health ${well ? "up" : "down"}`}>
      {trouble ?? summary(state.services)}
    </p>
  );
}

const STATES = { up: "well", down: "down", unknown: "not known yet" } as const;

function Services({ services, now }: { services: readonly Service[]; now: number }): ComponentChildren {
  return (
    <section aria-labelledby="services">
      <h2 id="services">Services</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Health</th>
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <tr key={service.name} data-service={service.name}>
              <th scope="row">
                {service.title} <code>{service.container}</code>
              </th>
              <td>
                <span class={`state ${service.state}`}>{STATES[service.state]}</span> {upFor(service, now)}
                {service.problem && <small>{service.problem}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Pages({ pages }: { pages: LabState["pages"] }): ComponentChildren {
  return (
    <nav aria-labelledby="pages">
      <h2 id="pages">Pages</h2>
      <ul class="pages">
        {pages.map(({ name }) => (
          <li key={name}>
            <a href={`./open/${encodeURIComponent(name)}`} target="_blank" rel="noopener">
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function LastCanary({ canary, now }: { canary: Canary | null; now: number }): ComponentChildren {
  return (
    <section aria-labelledby="canary">
      <h2 id="canary">Last canary</h2>
      {canary ? (
        <p>
          <span class={`state ${canary.green ? "up" : "down"}`}>{canary.green ? "green" : "red"}</span>{" "}
          {ago(now - canary.at)}, in {canary.seconds.toFixed(1)} s{canary.problem && <small>{canary.problem}</small>}
        </p>
      ) : (
        <p>
          None is on record yet: <code>npm run canary</code> sends one.
        </p>
      )}
    </section>
  );
}

function Queries({ presto, now }: { presto: Service | undefined; now: number }): ComponentChildren {
  const queries = presto?.figures.queries ?? [];
  return (
    <section aria-labelledby="queries">
      <h2 id="queries">Presto's last queries</h2>
      {queries.length === 0 && <p>None was seen yet.</p>}
      <ul class="queries">
        {queries.map((query) => (
          <li key={query.created}>
            <code>{query.text}</code>
            <small>{queryWords(query, now)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function queryWords(query: Query, now: number): string {
  const state = query.state.toLowerCase();
  const took = state === "finished" || state === "failed" ? ` in ${shortly(query.seconds)}` : "";
  return `${state}${took}, ${ago(now - query.created)}, from ${query.source}`;
}

function shortly(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

render(<Page />, document.body);
