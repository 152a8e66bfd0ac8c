import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { dockerTime, healthOf, LabContainer } from "../../../platform/docker-things";
import { labFolder } from "../../../platform/lab-files";
import { pastTheirEnd } from "../../../roster/chosen";
import type { LabEntry } from "../../../roster/class-file";
import type { CheckReport } from "../../../scripts/class/check-lab";
import { recordCheck } from "../../../scripts/class/check-record";
import {
  describeLab,
  LabStatus,
  ServiceStatus,
  servicesOf,
  stateOf,
  statusOf,
} from "../../../scripts/class/lab-status";
import { statusPage } from "../../../scripts/class/status-page";
import { SERVICE_NAMES } from "../../../stacks/lab-stack";
import { Programs } from "../../support/programs";
import {
  ageOf,
  canaryText,
  costOfAll,
  costSoFarText,
  exerciseText,
  expiryText,
  servicesText,
  stateText,
} from "../../../scripts/class/status-text";

const NOW = new Date("2026-11-24T12:00:00Z");

const READY: LabStatus = {
  lab: "ann",
  state: "ready",
  services: ["kafka", "presto"].map((name) => ({ name, health: "healthy" })),
  canary: { at: "2026-11-24T10:30:00Z", green: true, seconds: 21.3 },
  since: "2026-11-21T12:00:00Z",
  costSoFar: 0,
  pages: { JupyterLab: "http://127.0.0.1:8888" },
};

test.each([
  ["Up 3 minutes (healthy)", "healthy"],
  ["Up 2 seconds (health: starting)", "starting"],
  ["Up About an hour (unhealthy)", "unhealthy"],
  ["Exited (137) 5 seconds ago", undefined],
  ["Created", undefined],
])("Docker's %s is %s", (status, health) => {
  expect(healthOf(status)).toBe(health);
});

test.each([
  ["2026-11-24 10:30:01.123456789 +0000 UTC", "2026-11-24T10:30:01.000Z"],
  ["2026-11-24 11:30:01 +0100 CET", "2026-11-24T10:30:01.000Z"],
  ["soon", undefined],
])("Docker's time %s", (text, time) => {
  expect(dockerTime(text)?.toISOString()).toBe(time);
});

test.each([
  [["healthy", "healthy"], "ready"],
  [["healthy", "starting"], "starting"],
  [["healthy", "unhealthy"], "broken"],
  [["healthy", "missing"], "broken"],
  [["missing", "stopped"], "stopped"],
] as [ServiceStatus["health"][], string][])("services that are %s make a lab %s", (healths, state) => {
  expect(stateOf(healths.map((health) => ({ name: "x", health })))).toBe(state);
});

test("a lab without a service that it may do without is ready; one that has it is as well as that is", () => {
  const container = (service: string, health: LabContainer["health"] = "healthy"): LabContainer => ({
    ...{ id: "1", name: `lab-ann-${service}`, state: "running" },
    ...{ service, health },
  });
  const all = SERVICE_NAMES.map((name) => container(name));
  const look = (containers: LabContainer[], volumes: string[] = []): ServiceStatus[] =>
    servicesOf("ann", { containers, volumes, networks: [] });
  expect(stateOf(look(all))).toBe("ready");
  expect(look(all).map(({ name }) => name)).toEqual([...SERVICE_NAMES]);
  expect(stateOf(look([...all, container("superset", "unhealthy")]))).toBe("broken");
  expect(stateOf(look(all.slice(1)))).toBe("broken");
  // Its container was removed; what it keeps is still there.
  expect(look(all, ["lab-ann-superset-metadata"]).at(-1)).toEqual({ name: "superset", health: "missing" });
  expect(stateOf(look(all, ["lab-ann-superset-metadata"]))).toBe("broken");
  expect(stateOf(look(all, ["lab-anna-superset-metadata"]))).toBe("ready");
});

test("a container that Docker last saw not healthy is asked itself", async () => {
  const programs = new Programs();
  const containers = [
    ["kafka", "running", "Up 1 minute (healthy)"],
    ["presto", "running", "Up 2 seconds (health: starting)"],
    ["spark", "running", "Up 1 minute (unhealthy)"],
    ["mids", "running", "Up 1 minute (unhealthy)"],
    ["home", "exited", "Exited (1) 5 seconds ago"],
  ].map(([service, state, status]) => ["ann", service, `lab-ann-${service}`, service, state, status].join("\t"));
  programs.write(
    "docker",
    `case "$1 $2 $3" in
      "ps "*) printf '%s\n' ${containers.map((line) => `'${line}'`).join(" ")} ;;
      "exec mids health") exit 1 ;;
      "exec "*" health") ;;
    esac`,
  );
  try {
    const [ann] = await statusOf([{ id: "ann", services: {} }]);
    const healths = Object.fromEntries(ann!.services.map(({ name, health }) => [name, health]));
    expect(healths).toMatchObject({
      kafka: "healthy",
      presto: "healthy",
      spark: "healthy",
      mids: "unhealthy",
      home: "stopped",
      zookeeper: "missing",
    });
  } finally {
    programs.remove();
  }
});

test("the page of a class leads to each lab's front page, JupyterLab and Superset, and says what opens the tunnel", () => {
  const pages = {
    JupyterLab: "http://127.0.0.1:8888",
    Superset: "http://127.0.0.1:8088",
    "the front page": "http://127.0.0.1:8000",
  };
  const page = statusPage([{ ...READY, pages, tunnel: "ssh -N lab-ann" }], NOW);
  for (const [name, url] of Object.entries(pages)) {
    expect(page).toContain(`<a href="${url}">${name}</a>`);
  }
  expect(page).toContain("<code>ssh -N lab-ann</code>");
});

test("a lab in words", () => {
  expect(stateText({ ...READY, atWork: "npm run class -- up" })).toBe("ready (up is at work)");
  expect(servicesText(READY)).toBe("2 of 2");
  expect(servicesText({ ...READY, services: [{ name: "kafka", health: "stopped" }] })).toBe("0 of 1, kafka stopped");
  expect(canaryText(READY, NOW)).toBe("green, 1 h ago");
  expect(canaryText({ ...READY, canary: undefined }, NOW)).toBe("-");
  expect([READY.since, "2026-11-24T11:59:50Z", undefined].map((since) => ageOf(since, NOW))).toEqual([
    "3 d",
    "10 s",
    "-",
  ]);
});

test("a lab that is past its end and still there is told so", () => {
  const lab = { ...READY, expires: "2026-11-24T11:00:00.000Z" };
  expect(expiryText(lab, NOW)).toBe("2026-11-24 11:00 UTC, past");
  expect(expiryText({ ...lab, state: "none" }, NOW)).toBe("2026-11-24 11:00 UTC");
  expect(expiryText(READY, NOW)).toBe("-");
});

test("a lab's cost so far: nothing where nobody pays, not known where the states do not answer", () => {
  const costs = [0, 3.456, undefined].map((costSoFar) => ({ ...READY, costSoFar }));
  expect(costs.map(costSoFarText)).toEqual(["-", "$3.46", "?"]);
  expect([costOfAll(costs.slice(0, 2)), costOfAll(costs)]).toEqual([3.456, undefined]);
  const page = statusPage(costs, NOW);
  expect(page).toContain("<td>$3.46</td>");
  expect(page).toContain("so far they cost ?");
  expect(statusPage(costs.slice(0, 2), NOW)).toContain("so far they cost $3.46 before taxes");
  expect(statusPage(costs.slice(0, 1), NOW)).not.toContain("they cost");
});

test("down --expired takes those whose end is past", () => {
  const end = (id: string, at: string): LabEntry => ({
    id,
    services: {},
    expires: { at: new Date(at), day: "", text: "" },
  });
  const entries = [end("a", "2026-11-24T11:59:59Z"), end("b", "2026-11-24T12:00:01Z"), { id: "c", services: {} }];
  expect(pastTheirEnd(entries, NOW).map(({ id }) => id)).toEqual(["a"]);
});

test("the page links each lab's pages, and asks nothing of any other address", () => {
  const page = statusPage([READY, { lab: "ben", state: "none", services: [], pages: {} }], NOW);
  expect(page).toContain('<a href="http://127.0.0.1:8888">JupyterLab</a>');
  expect(page).toContain("Labs: 1 of 2 ready");
  expect(page).not.toMatch(/src=|@import|url\(|<link|<script/);
});

test("nothing that a lab says becomes part of the page's own text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const hostile = `${text}<script>"'&`;
      const page = statusPage(
        [{ ...READY, state: "unreachable", problem: hostile, pages: { [hostile]: hostile } }],
        NOW,
      );
      expect(page).not.toContain("<script>");
      expect(page.match(/<a href="[^"<>]*">[^<>]*<\/a>/g)).toHaveLength(1);
    }),
  );
});

test("what was seen of a lab that was taken away is not told of the next one", () => {
  const lab = "seen-by-a-test";
  mkdirSync(labFolder(lab), { recursive: true });
  try {
    const steps = [true, false].map((done, index) => ({ step: index + 1, title: "a step", done, seen: "it" }));
    recordCheck({ lab, steps } as unknown as CheckReport);
    writeFileSync(join(labFolder(lab), "canary.json"), JSON.stringify(READY.canary));
    const look = (since: string): LabStatus =>
      describeLab(lab, { containers: [], networks: ["x"], volumes: [], since: new Date(since) });
    const first = look("2026-11-24T10:00:00Z");
    expect(first.canary).toEqual(READY.canary);
    expect(first.exercise).toMatchObject({ done: 1, of: 2 });
    expect(exerciseText(first, new Date())).toMatch(/^1 of 2, /);
    const next = look("2100-01-01T00:00:00Z");
    expect([next.canary, next.exercise]).toEqual([undefined, undefined]);
    expect(exerciseText(next, NOW)).toBe("-");
  } finally {
    rmSync(labFolder(lab), { recursive: true });
  }
});
