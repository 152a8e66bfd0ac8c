/** Superset's REST API, as its own pages use it. */
export class SupersetClient {
  private constructor(
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** Logs in as the lab's student. @throws Error when Superset refuses */
  static async login(url: string, password: string): Promise<SupersetClient> {
    const body = { username: "science", password, provider: "db" };
    const { access_token: token } = (await json(await send(`${url}/api/v1/security/login`, {}, body))) as {
      access_token: string;
    };
    const authorization = { authorization: `Bearer ${token}` };
    const answer = await send(`${url}/api/v1/security/csrf_token/`, authorization);
    const cookie = answer.headers.get("set-cookie")!.split(";")[0]!;
    const { result } = (await json(answer)) as { result: string };
    return new SupersetClient(url, { ...authorization, cookie, "x-csrftoken": result });
  }

  /** What a path of the API answers: to a GET, or to a POST where there is a body. */
  async ask<Answer>(path: string, body?: object): Promise<Answer> {
    return (await json(await send(`${this.url}/api/v1/${path}`, this.headers, body))) as Answer;
  }

  /** The number of the thing that has this name. */
  async idOf(kind: "database" | "dataset" | "dashboard", column: string, name: string): Promise<number> {
    type Row = Readonly<Record<string, unknown>> & { readonly id: number };
    const { result } = await this.ask<{ result: Row[] }>(`${kind}/`);
    return result.find((row) => row[column] === name)!.id;
  }

  /** Runs a query in SQL Lab; gives its rows. */
  async query(database: string, sql: string): Promise<Record<string, unknown>[]> {
    const { data } = await this.ask<{ data: Record<string, unknown>[] }>("sqllab/execute/", {
      client_id: Math.random().toString(36).slice(2, 12),
      database_id: await this.idOf("database", "database_name", database),
      schema: "default",
      sql,
      runAsync: false,
      queryLimit: 1000,
    });
    return data;
  }
}

function send(url: string, headers: Readonly<Record<string, string>>, body?: object): Promise<Response> {
  return fetch(url, {
    headers: { ...headers, ...(body && { "content-type": "application/json" }) },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
    redirect: "manual",
  });
}

async function json(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 2000)}`);
  }
  return JSON.parse(text);
}
