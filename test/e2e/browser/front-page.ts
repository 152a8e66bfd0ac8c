import { AxeBuilder } from "@axe-core/playwright";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { Visitor } from "../support/browser";
import { labFolder, placeOf, PORTS } from "../support/lab";
import { run, Running, until } from "../support/shell";

const FLASK = "docker-compose exec mids env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0";
const ROUTES = ["/", "/app.js", "/style.css", "/icon.svg", "/api/state", "/api/alive", "/open/JupyterLab", "/nothing"];

/** What the front page shows of a lab, and to whom. */
export function frontPage(lab: keyof typeof PORTS, browser: () => Browser): void {
  const inLab = { cwd: labFolder(lab) };
  const base = `http://127.0.0.1:${PORTS[lab].home}`;
  let token: string;
  let link: string;
  let visitor: Visitor;
  let page: Page;
  let flask: Running;

  const come = async (options: BrowserContextOptions = {}): Promise<Visitor> => {
    const other = await Visitor.come(browser(), options);
    await other.page.goto(link);
    await other.page.locator(".pipeline").waitFor();
    return other;
  };
  const health = (): Promise<string> => page.locator("header [role=status]").innerText();
  const well = (seconds: number): Promise<void> =>
    until("all services are well", seconds, async () => (await health()) === "All 9 services are well");
  const whileStopped = async (service: string, work: () => Promise<void>): Promise<void> => {
    await run(`docker stop -t 20 lab-${lab}-${service}`);
    // Also when it fails: the tests that follow need the service.
    await work().finally(() => run(`docker start lab-${lab}-${service}`));
  };
  const events = async (): Promise<number> => parseInt(await page.locator("[data-figure=events]").innerText());
  const next = async (): Promise<string[]> => {
    const steps = await page.locator("section[aria-labelledby=next] [data-step] .title").allInnerTexts();
    return steps.map((step) => step.split(".", 1)[0]!);
  };

  beforeAll(async () => {
    token = readFileSync(join(labFolder(lab), "jupyter-token"), "utf8").trim();
    const { output } = await run(`npm run --silent link -- ${lab}`);
    link = /^the front page: (\S+)$/m.exec(output)![1]!;
    visitor = await come();
    page = visitor.page;
  });

  afterAll(async () => {
    await flask?.interrupt();
    await visitor?.leave();
  });

  test("the printed link opens it, and the token leaves the address", async () => {
    expect(link).toBe(`${base}/?token=${token}`);
    expect(page.url()).toBe(`${base}/`);
    expect(await page.content()).not.toContain(token);
    const cookies = await visitor.context.cookies();
    expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, sameSite: "Strict" })]);
    expect(cookies[0]!.value).not.toContain(token);
  });

  test("every service is well, and how long it has been up is told", async () => {
    await well(30);
    const rows = await page.locator("tr[data-service]").allInnerTexts();
    expect(rows).toHaveLength(9);
    for (const row of rows) {
      expect(row).toMatch(/well for (at least )?\d+ (s|min|h)/);
    }
    expect(await page.locator("footer").innerText()).toMatch(/Kafka 3\.9/);
  });

  test("the deploy's canary is there with its hops", async () => {
    expect(await page.locator("section[aria-labelledby=canary]").innerText()).toMatch(
      /green\s+\d+ (s|min) ago, in [\d.]+ s/,
    );
    const hops = await page.locator(".station .hop").allInnerTexts();
    expect(hops).toHaveLength(6);
    expect(hops.every((hop) => /^canary: \d+\.\d s$/.test(hop))).toBe(true);
  });

  test("events that are sent move the figures within 10 s, and what to type next goes on", async () => {
    expect(await events()).toBe(0);
    expect(await next()).toEqual(["1"]);
    flask = placeOf(lab).typeAndLeave(FLASK, { timeoutSeconds: 900 });
    await until("flask run listens", 30, () => flask.output().includes("Running on"));
    await until("the page says so", 10, async () => (await next()).join() === "2,3");
    await run(
      "docker-compose exec -T mids ab -n 10 -H 'Host: user1.comcast.com' http://localhost:5000/purchase_a_sword",
      inLab,
    );
    await until("10 events on the page", 10, async () => (await events()) === 10);
    expect(await page.locator("[data-figure=rate]").innerText()).toMatch(/^[\d.]+ a second now$/);
    expect(await next()).toEqual(["4"]);
  });

  test("a job's files, rows and how far it read, tables and queries are there", async () => {
    await run("docker-compose exec -T spark spark-submit /w205/full-stack2/write_hive_table.py", inLab);
    await run(
      "docker-compose exec -T presto presto --server presto:8080 --catalog hive --schema default --execute 'select count(*) from purchases'",
      inLab,
    );
    const pipeline = page.locator(".pipeline");
    await until("the rows", 10, async () => /\/tmp\/purchases \d+ files?, 10 rows/.test(await pipeline.innerText()));
    expect(await pipeline.innerText()).toContain("batch: read 10 of 10");
    await until("the table", 10, async () => (await pipeline.innerText()).includes("purchases, purchases2"));
    const queries = page.locator("section[aria-labelledby=queries]");
    await until("the query", 10, async () => (await queries.innerText()).includes("select count(*) from purchases"));
    expect(await next()).toEqual(["10", "11", "12"]);
    await visitor.picture("front-page");
  });

  test("a command is copied by its button", async () => {
    await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const step = page.locator("section[aria-labelledby=next] [data-step='12']");
    await step.getByRole("button").click();
    // The browser is asked, and answers a moment later.
    await step.getByRole("status").getByText("copied", { exact: true }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(await step.locator("code").innerText());
  });

  test("it can be walked by keyboard, in the page's order, and where one is can be seen", async () => {
    const wanted = await page.locator("a:visible, button:visible, summary:visible").count();
    await page.locator("body").click({ position: { x: 1, y: 1 } });
    let last = -1;
    for (let place = 0; place < wanted; place++) {
      await page.keyboard.press("Tab");
      const [where, outline] = await page.evaluate<[number, string]>(`(() => {
        const all = [...document.querySelectorAll("a, button, summary")].filter((one) => one.checkVisibility());
        return [all.indexOf(document.activeElement), getComputedStyle(document.activeElement).outlineStyle];
      })()`);
      expect(where).toBe(last + 1);
      expect(outline).toBe("solid");
      last = where;
    }
    // The last is the exercise's summary: it opens with the keyboard too.
    await page.keyboard.press("Enter");
    expect(await page.locator("section[aria-labelledby=exercise] [data-step]:visible").count()).toBe(12);
    await page.keyboard.press("Enter");
  });

  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 360],
    ["dark", 360],
  ] as const)("axe finds nothing serious on it, %s and %i pixels wide", async (colorScheme, width) => {
    const other = await come({ colorScheme, viewport: { width, height: 800 } });
    await other.page.locator("summary").click();
    const { violations } = await new AxeBuilder({ page: other.page }).analyze();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    // Nothing is cut off, and nobody has to scroll sideways.
    expect(await other.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    expect(other.problems).toEqual([]);
    await other.picture(`front-page-${colorScheme}-${width}`);
    await other.leave();
  });

  test.each([
    ["Presto", "/presto/ui/", "Cluster Overview"],
    ["the NameNode", "/namenode/dfshealth.html", "Overview"],
    ["the game API", "/game-api/", "This is the default response!"],
  ])(
    "the link to %s opens it behind JupyterLab's port, whole, and the token is not in its address",
    async (...link) => {
      const [name, path, text] = link;
      const other = await come();
      const [tab] = await Promise.all([
        other.context.waitForEvent("page"),
        other.page.getByRole("link", { name }).click(),
      ]);
      await tab.getByText(text).first().waitFor();
      await tab.waitForLoadState("networkidle");
      expect(tab.url()).toContain(`http://127.0.0.1:${PORTS[lab].jupyter}${path}`);
      expect(tab.url()).not.toContain(token);
      expect(other.problems).toEqual([]);
      await other.leave();
    },
  );

  test("the link to JupyterLab opens it, and the token is not in its address", async () => {
    const other = await come();
    const [tab] = await Promise.all([
      other.context.waitForEvent("page"),
      other.page.getByRole("link", { name: "JupyterLab" }).click(),
    ]);
    await tab.waitForURL(`http://127.0.0.1:${PORTS[lab].jupyter}/lab**`);
    await tab.getByRole("tab").first().waitFor();
    expect(tab.url()).not.toContain(token);
    await other.leave();
  });

  test("nothing went wrong on the page until here", () => {
    expect(visitor.problems).toEqual([]);
  });

  test("Kafka that is stopped is down on the page at once, with its figures as old ones, and well again later", async () => {
    // Those of the job's test, and each look at the game API: the page may not have seen the last one yet.
    const kcat = `docker exec lab-${lab}-mids kafkacat -C -b kafka:29092 -t events -o beginning -e -q`;
    const known = Number((await run(`${kcat} | wc -l`)).output);
    expect(known).toBeGreaterThanOrEqual(10);
    await until("the page has seen all events", 15, async () => (await events()) === known);
    await whileStopped("kafka", async () => {
      await until("the page says so", 10, async () => (await health()) === "Kafka is down");
      // For a moment its port was closed and its container still there: the page says that first, and rightly.
      await until("the page says why", 10, async () =>
        /down for \d+ s\s+its container does not run/.test(await page.locator("tr[data-service=kafka]").innerText()),
      );
      expect(await page.locator(".station", { hasText: "Kafka" }).innerText()).toMatch(
        new RegExp(`\\b${known} events[^]*down; as it was \\d+ s ago`),
      );
      await visitor.picture("front-page-kafka-down");
    });
    await well(60);
    expect(visitor.problems).toEqual([]);
  });

  test("a front page that does not answer says so itself, and goes on by itself", async () => {
    const other = await come();
    const says = (): Promise<string> => other.page.locator("header [role=status]").innerText();
    await whileStopped("home", async () => {
      await until("the page says so", 15, async () => (await says()).includes("does not answer: all below is"));
    });
    await until("the page goes on", 30, async () => /services are well|Looking at/.test(await says()));
    await other.leave();
  });

  test.each(ROUTES)("%s is shown to nobody without the token, or with another one", async (route) => {
    const answers = await Promise.all([
      fetch(base + route, { redirect: "manual" }),
      fetch(base + route, { redirect: "manual", headers: { authorization: "token wrong" } }),
      fetch(base + route, { redirect: "manual", headers: { cookie: `lab-${lab}-home=${token}` } }),
      fetch(`${base}${route}?token=wrong`, { redirect: "manual" }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(await answer.text()).not.toContain(token);
    }
  });

  test("a host name that is not the lab's is refused, with the right token too", async () => {
    expect(await statusFor(`${base}/api/state`, { host: "evil.example", authorization: `token ${token}` })).toBe(421);
    expect(await statusFor(`${base}/api/state`, { authorization: `token ${token}` })).toBe(200);
  });

  test("the link of before opens the lab for who types the token into its form", async () => {
    const stranger = await Visitor.come(browser());
    await stranger.page.goto(base);
    await stranger.page.getByLabel("The lab's token").fill(token);
    await stranger.page.getByRole("button").click();
    await stranger.page.locator(".pipeline").waitFor();
    await stranger.leave();
  });

  test("it costs less than 60 MiB", async () => {
    const script =
      "cat /sys/fs/cgroup/memory/memory.stat /sys/fs/cgroup/memory.stat 2>/dev/null | grep -E '^(total_rss|anon) '";
    const { output } = await run(`docker exec lab-${lab}-home sh -c "${script}"`);
    const mib = Number(/ (\d+)/.exec(output)![1]) / 1024 ** 2;
    console.log(`the front page's memory: ${mib.toFixed(1)} MiB`);
    expect(mib).toBeLessThan(60);
  });
}

/** The status that an address answers with; fetch would not let go of the host's own name. */
function statusFor(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    })
      .on("error", reject)
      .end();
  });
}
