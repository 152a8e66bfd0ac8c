import { readFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder, placeOf, PORTS } from "./support/lab";
import { run, until } from "./support/shell";

/** The lab's web pages behind JupyterLab's port and token. */
export function pages(lab: keyof typeof PORTS): void {
  const url = `http://127.0.0.1:${PORTS[lab].jupyter}`;
  const token = (): string => readFileSync(join(labFolder(lab), "jupyter-token"), "utf8").trim();
  const ask = (path: string, options: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/${path}`, {
      redirect: "manual",
      ...options,
      headers: { authorization: `token ${token()}`, ...options.headers },
    });
  const text = async (path: string): Promise<string> => (await ask(path)).text();

  test("each leads its redirects and its absolute addresses through the port", async () => {
    expect((await ask("presto/")).headers.get("location")).toBe("/presto/ui/");
    expect(await text("presto/ui/dist/index.js")).toContain('"/presto/v1/cluster"');
    expect(await text("presto/v1/info")).toContain('"coordinator":true');
    expect((await ask("namenode/")).headers.get("location")).toBe("/namenode/index.html");
    expect(await text("namenode/dfshealth.html")).toContain('src="/namenode/static/');
    expect(await text("namenode/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState")).toMatch(
      /"NumLiveDataNodes" : 1/,
    );
    expect(await text("presto/ui/")).not.toContain("fonts.googleapis");
  });

  test("a file's content comes from HDFS, by way of the DataNode", async () => {
    const folder = "/tmp/purchases";
    const list = JSON.parse(await text(`namenode/webhdfs/v1${folder}?op=LISTSTATUS`)) as {
      FileStatuses: { FileStatus: { pathSuffix: string }[] };
    };
    const file = list.FileStatuses.FileStatus.find(({ pathSuffix }) => pathSuffix.endsWith(".parquet"))!.pathSuffix;
    const open = await ask(`namenode/webhdfs/v1${folder}/${file}?op=OPEN`);
    expect(open.headers.get("location")).toMatch(/^\/datanode\/webhdfs\//);
    expect((await text(open.headers.get("location")!.slice(1))).slice(0, 4)).toBe("PAR1");
  });

  test("a page that is not there says what to do", async () => {
    const game = await ask("game-api/");
    expect([game.status, await game.text()]).toEqual([503, expect.stringContaining("flask run --host 0.0.0.0")]);
    const spark = await ask("spark/");
    expect([spark.status, await spark.text()]).toEqual([503, expect.stringContaining("No Spark UI runs now")]);
  });

  test("a job's Spark UI is there while the job runs", async () => {
    const job = "docker-compose exec spark spark-submit --conf spark.ui.enabled=true";
    const stream = placeOf(lab).typeAndLeave(`${job} /w205/full-stack2/filter_swords_stream.py`);
    await until("the driver's page", 60, async () => (await ask("spark/")).status === 302);
    expect((await ask("spark/")).headers.get("location")).toBe("/spark/4040/");
    expect((await ask("spark/4040/")).headers.get("location")).toMatch(/^\/spark\/4040\/jobs\/$/);
    expect(await text("spark/4040/jobs/")).toContain('src="/spark/4040/static/');
    await stream.interrupt();
  });

  test("the game API gets the request, and nothing of JupyterLab's", async () => {
    const flask = placeOf(lab).typeAndLeave(
      "docker-compose exec mids env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0",
    );
    await until("flask run listens", 30, () => flask.output().includes("Running on"));
    const answer = await ask(`game-api/?token=${token()}`, {
      headers: { cookie: "secret=1", "user-agent": "a-browser" },
    });
    expect(await answer.text()).toContain("This is the default response!");
    await flask.interrupt();
    const { output } = await run("docker-compose exec -T mids kafkacat -C -b kafka:29092 -t events -o -1 -e -q", {
      cwd: labFolder(lab),
    });
    const event = JSON.parse(output.trim().split("\n").at(-1)!) as Record<string, string>;
    expect(event).toMatchObject({ event_type: "default", Host: "mids:5000", "User-Agent": "a-browser" });
    expect(Object.keys(event).filter((name) => /cookie|authorization|forwarded|xsrf|context/i.test(name))).toEqual([]);
    expect(flask.output() + output).not.toContain(token());
  });

  test("a page of another origin changes nothing, whatever cookie its browser has", async () => {
    const cookie = (await ask(`lab?token=${token()}`)).headers.getSetCookie().map((set) => set.split(";")[0]!);
    const put = async (origin: string): Promise<number> => {
      const headers = { authorization: "", cookie: cookie.join("; "), origin };
      return (await ask("presto/v1/query/none/killed", { method: "PUT", headers, body: "" })).status;
    };
    expect(await put("http://elsewhere.example")).toBe(403);
    expect(await put(url)).not.toBe(403);
  });

  test("nobody gets in without the token, and nothing else is reached with it", async () => {
    for (const page of ["presto", "namenode", "datanode", "spark", "game-api"]) {
      for (const authorization of ["", "token wrong"]) {
        const { status, headers } = await ask(`${page}/`, { headers: { authorization } });
        expect([page, status === 403 || headers.get("location")?.startsWith("/login")]).toEqual([page, true]);
      }
    }
    for (const path of [
      "proxy/8888/api",
      "proxy/presto:8080/",
      "proxy/absolute/8888/",
      "proxy/absolute/kafka:29092/",
    ]) {
      expect((await ask(path)).status).toBe(404);
    }
    expect((await ask("spark/8888/api")).status).not.toBe(200);
  });
}
