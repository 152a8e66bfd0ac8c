import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { Visitor } from "../support/browser";
import { deploy, labFolder, planned } from "../support/lab";
import { run } from "../support/shell";
import { SupersetClient } from "../support/superset";

/** What the class file says of Superset in the browser's lab. */
export const SUPERSET = { enabled: true, webPort: 18088 };

const URL = `http://127.0.0.1:${SUPERSET.webPort}`;
const DASHBOARD = `${URL}/superset/dashboard/purchases/`;
const SWORDS = "select host, count(*) as swords from purchases group by host having host = 'superset.example'";

/**
 * What Superset 6.1 does on any machine: the grid of SQL Lab's results complains on the console of two modules that
 * Superset's pages were built without, and that nothing outside of their build can add; a dashboard that is left
 * sends its labels' colours while the page goes (`beforeunload`), which the browser cancels unless the answer is quicker;
 * and of the beacon (`navigator.sendBeacon`) that tells Superset what was done on a page, the browser says the same when
 * the page is left before the answer, which no page waits for.
 */
const SUPERSETS_OWN = [
  /^on the console: AG Grid: error #200 .*&moduleName=(SharedRowSelection|EventApi)&/,
  /^a request failed: \S+\/api\/v1\/dashboard\/\d+\/colors\?mark_updated=false net::ERR_ABORTED$/,
  /^a request failed: \S+\/superset\/log\/\?explode=events(&(dashboard|slice)_id=\d+)? net::ERR_ABORTED$/,
];

/** Superset beside a lab: on the table `purchases`, and when it is gone. */
export function webSql(lab: string, browser: () => Browser): void {
  const inLab = { cwd: labFolder(lab), timeoutSeconds: 300 };
  const tokenFile = join(labFolder(lab), "jupyter-token");
  const token = (): string => readFileSync(tokenFile, "utf8").trim();
  const login = (): Promise<SupersetClient> => SupersetClient.login(URL, token());
  let visitor: Visitor;

  beforeAll(async () => {
    // Ten purchases more, whatever is on the topic already.
    const event = '{"event_type":"purchase_sword","Host":"superset.example","Accept":"*/*","User-Agent":"kcat"}';
    const send = "docker-compose exec -T mids kafkacat -P -b kafka:29092 -t events";
    await run(send, { ...inLab, input: `${event}\n`.repeat(10) });
    await run("docker-compose exec -T spark spark-submit /w205/full-stack2/write_hive_table.py", inLab);
    visitor = await Visitor.come(browser());
  });

  afterAll(() => visitor?.leave());

  test("without the token it shows nothing", async () => {
    await expect(SupersetClient.login(URL, "not-the-token")).rejects.toThrow(/answered 401/);
    for (const path of ["/api/v1/database/", "/api/v1/dashboard/purchases/charts"]) {
      expect([path, (await fetch(URL + path)).status]).toEqual([path, 401]);
    }
    for (const path of ["/superset/welcome/", "/sqllab/", "/superset/dashboard/purchases/"]) {
      const { status, headers } = await fetch(URL + path, { redirect: "manual" });
      expect([path, status, headers.get("location")]).toEqual([path, 302, expect.stringMatching(/^\/login\//)]);
    }
  });

  test.each(["Presto", "Hive"])("SQL Lab asks %s and gets the rows", async (database) => {
    const superset = await login();
    const [row, ...others] = await superset.query(database, SWORDS);
    expect([row, others]).toEqual([{ host: "superset.example", swords: 10 }, []]);
    expect(await superset.query(database, "select * from purchases where host = 'superset.example'")).toHaveLength(10);
  });

  test("a connection that was idle for seconds is still there for the next request", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const isUsedAgain = (): Promise<boolean> =>
      new Promise((resolve, reject) => {
        const request = get(`${URL}/login/`, { agent }, (answer) =>
          answer.resume().on("end", () => resolve(request.reusedSocket)),
        ).on("error", reject);
      });
    expect(await isUsedAgain()).toBe(false);
    await sleep(5000);
    expect(await isUsedAgain()).toBe(true);
    agent.destroy();
  });

  test("its pages let the browser ask no other machine", async () => {
    const { headers } = await fetch(`${URL}/login/`);
    expect(headers.get("content-security-policy")).not.toMatch(/:\/\/|\w\.\w/);
  });

  test("who logs in at the dashboard sees its four charts", async () => {
    const { page } = visitor;
    const signIn = async (password: string): Promise<void> => {
      await page.locator("input#username").fill("science");
      await page.locator("input[type=password]").fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();
    };
    await page.goto(DASHBOARD);
    await signIn("not-the-token");
    await page.getByText("Invalid username or password").waitFor();
    await signIn(token());
    for (const title of ["Swords sold", "Swords by host", "Swords a minute", "The last purchases"]) {
      await page.getByText(title, { exact: true }).waitFor();
    }
    await page.locator("td", { hasText: "superset.example" }).first().waitFor();
    expect(Number(await page.locator(".header-line").innerText())).toBeGreaterThanOrEqual(10);
    await page.locator("canvas").nth(1).waitFor();
    await visitor.picture("superset-dashboard");
  });

  test("a query that is typed in SQL Lab shows its rows", async () => {
    const { page } = visitor;
    const presto = await (await login()).idOf("database", "database_name", "Presto");
    await page.goto(`${URL}/sqllab/?dbid=${presto}&schema=default&name=swords&sql=${encodeURIComponent(SWORDS)}`);
    await page.getByRole("button", { name: /Run$/ }).click();
    await page
      .getByRole("gridcell", { name: "superset.example" })
      .or(page.getByRole("cell", { name: "superset.example" }))
      .first()
      .waitFor();
    // The rows are numbered: an expression that the page's own policy would forbid, were it not for the image.
    await page.locator(".row-number-col", { hasText: /^1$/ }).first().waitFor();
    await page.mouse.move(840, 700);
    await page.waitForLoadState("networkidle");
    await visitor.picture("superset-sql-lab");
  });

  test("nothing went wrong on its pages, and nothing was asked outside the lab", () => {
    expect(visitor.problems.filter((problem) => !SUPERSETS_OWN.some((own) => own.test(problem)))).toEqual([]);
  });

  test("a dashboard whose table is gone is still there, and says so", async () => {
    await run(
      "docker-compose exec -T cloudera beeline -u jdbc:hive2://cloudera:10000 -e 'drop table purchases'",
      inLab,
    );
    const superset = await login();
    expect((await superset.ask<{ result: unknown[] }>("dashboard/purchases/charts")).result).toHaveLength(4);
    const id = await superset.idOf("dataset", "table_name", "purchases");
    const queries = [{ metrics: ["count"], columns: ["host"] }];
    await expect(superset.ask("chart/data", { datasource: { id, type: "table" }, queries })).rejects.toThrow(
      "Table hive.default.purchases does not exist",
    );
  });

  test("a second deploy changes nothing", async () => {
    expect(planned(await deploy(lab))).toBe("nothing");
  });

  test("a saved query outlives a new container, whose password is the new token", async () => {
    const superset = await login();
    const db_id = await superset.idOf("database", "database_name", "Presto");
    await superset.ask("saved_query/", { db_id, label: "my query", schema: "default", sql: SWORDS });
    const old = token();
    writeFileSync(tokenFile, randomBytes(24).toString("hex"));
    await deploy(lab);
    await expect(SupersetClient.login(URL, old)).rejects.toThrow(/answered 401/);
    await expect(superset.ask("saved_query/")).rejects.toThrow(/answered 4\d\d/);
    const { result } = await (await login()).ask<{ result: { label: string }[] }>("saved_query/");
    expect(result.map(({ label }) => label)).toEqual(["my query"]);
  });

  test("its key is on its volume alone", async () => {
    const inContainer = (command: string): Promise<{ output: string }> =>
      run(`docker-compose exec -T superset ${command} /data/superset/secret-key`, inLab);
    expect((await inContainer("stat -c '%a %s'")).output.trim()).toBe("600 64");
    const key = (await inContainer("cat")).output.trim();
    expect(readFileSync(join(labFolder(lab), "terraform.tfstate"), "utf8")).not.toContain(key);
  });
}
