import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { Visitor } from "../support/browser";
import { labFolder, placeOf, PORTS } from "../support/lab";
import { Running, until } from "../support/shell";

const FLASK = "docker-compose exec mids env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0";

/** The launcher's tiles for the lab's pages, where each leads, and what is seen there. */
const TILES = [
  ["The lab", /\/home\/$/, "services are well"],
  ["Presto", /\/presto\/ui\/$/, "Cluster Overview"],
  ["HDFS (NameNode)", /\/namenode\/dfshealth\.html/, "Overview"],
  ["Spark UI", /\/spark\/\d+\/jobs\/$/, "Spark Jobs"],
  ["Game API", /\/game-api\/$/, "This is the default response!"],
  ["Superset", /\/login\/\?next=/, "Sign in"],
] as const;

/** What needs the token, by its path on JupyterLab's port. */
const CLOSED = [
  ...["lab", "api/contents", "api/kernels", "api/terminals", "files/full-stack/game_api.py"],
  ...["server-proxy/servers-info", "home/", "presto/", "presto/v1/query", "namenode/", "datanode/"],
  ...["spark/", "spark/4040/", "game-api/", "superset/"],
];

/** The notebook's cells down to its first chart. */
const CELLS_TO_CHART = 11;

/** JupyterLab in a browser: a notebook, the launcher's tiles and the pages behind them. */
export function jupyterLab(lab: keyof typeof PORTS, browser: () => Browser): void {
  const base = `http://127.0.0.1:${PORTS[lab].jupyter}`;
  let visitor: Visitor;
  let page: Page;
  let flask: Running;

  beforeAll(async () => {
    const token = readFileSync(join(labFolder(lab), "jupyter-token"), "utf8").trim();
    flask = placeOf(lab).typeAndLeave(FLASK, { timeoutSeconds: 900 });
    visitor = await Visitor.come(browser());
    page = visitor.page;
    await page.goto(`${base}/lab/tree/notebooks/1-events-and-kafka.ipynb?token=${token}`);
    await until("flask run listens", 30, () => flask.output().includes("Running on"));
  });

  afterAll(async () => {
    await flask?.interrupt();
    await visitor?.leave();
  });

  test("a notebook's cells run in it: Spark reads the topic, and the chart is drawn", async () => {
    const notebook = page.locator(".jp-NotebookPanel");
    await page.getByText("PySpark | Idle").first().waitFor();
    await notebook.locator(".jp-MarkdownCell").first().click();
    for (let cell = 0; cell < CELLS_TO_CHART; cell++) {
      await page.keyboard.press("Shift+Enter");
    }
    await notebook.locator(".vega-embed").first().locator("canvas, svg").first().waitFor({ timeout: 90_000 });
    await until("no cell is at work", 30, async () => (await notebook.getByText("[*]:").count()) === 0);
    await notebook.locator(".jp-OutputArea-output", { hasText: /events on the topic: [1-9]/ }).waitFor();
    expect(await notebook.locator("[data-mime-type*=stderr]").allInnerTexts()).toEqual([]);
    await visitor.picture("notebook");
  });

  test.each(TILES)("the tile %s opens its page, whole, and each of its links works", async (tile, path, text) => {
    const launcher = page.locator(".jp-Launcher");
    if ((await launcher.count()) === 0) {
      await page.keyboard.press("Control+Shift+L");
    }
    const [tab] = await Promise.all([
      visitor.context.waitForEvent("page", { timeout: 15_000 }),
      launcher.locator(`.jp-LauncherCard[title^="${tile}"]`).click(),
    ]);
    await tab.getByText(text).first().waitFor({ timeout: 15_000 });
    await tab.waitForLoadState("networkidle");
    expect(tab.url()).toMatch(path);
    const hrefs = await tab
      .locator("a[href]")
      .evaluateAll((links: { href: string }[]) => links.map(({ href }) => href));
    const inLab = new Set(
      hrefs.filter((href) => href.startsWith("http://127.0.0.1")).map((href) => href.split("#")[0]!),
    );
    for (const href of inLab) {
      const answer = await visitor.context.request.get(href);
      expect([href, answer.status()]).toEqual([href, 200]);
    }
    expect(visitor.problems).toEqual([]);
    await tab.close();
  });

  test.each(CLOSED)("%s is shown to nobody without the token, or with another one", async (path) => {
    const url = `${base}/${path}`;
    const answers = await Promise.all([
      fetch(url, { redirect: "manual" }),
      fetch(url, { redirect: "manual", headers: { authorization: "token wrong" } }),
      fetch(`${url}?token=wrong`, { redirect: "manual" }),
    ]);
    for (const { status, headers } of answers) {
      expect([path, status === 403 || headers.get("location")?.startsWith("/login?")]).toEqual([path, true]);
    }
  });
}
