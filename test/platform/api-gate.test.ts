import { ApiGate } from "../../platform/api-gate";
import { RateLimiter } from "../../platform/rate-limiter";
import { StandInDigitalOcean } from "../standin-digitalocean/api";

let api: StandInDigitalOcean;
let gate: ApiGate | undefined;

beforeEach(async () => {
  api = await StandInDigitalOcean.start({ token: "a-token" });
});

afterEach(async () => {
  await gate?.close();
  await api.stop();
});

async function open(
  requests: number,
  seconds: number,
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  gate = await ApiGate.open(api.environment.DIGITALOCEAN_API_URL, new RateLimiter([{ requests, seconds }]));
  const { DIGITALOCEAN_API_URL: url } = gate.environment;
  return (path, init) => fetch(`${url}${path}`, { ...init, headers: { authorization: "Bearer a-token" } });
}

test("requests and answers go through as they are", async () => {
  const ask = await open(100, 1);
  const made = await ask("/v2/droplets", {
    method: "POST",
    body: JSON.stringify({ name: "lab-ann", size: "s-2vcpu-4gb" }),
  });
  expect(made.status).toBe(202);
  expect(await made.json()).toMatchObject({ droplet: { name: "lab-ann" } });
  const list = await ask("/v2/droplets?per_page=1");
  expect(await list.json()).toMatchObject({ meta: { total: 1 } });
  expect((await ask("/v2/nothing")).status).toBe(404);
  const { DIGITALOCEAN_API_URL: url } = gate!.environment;
  expect((await fetch(`${url}/v2/account`)).status).toBe(401);
});

test("all together keep the rate", async () => {
  const ask = await open(5, 1);
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: 11 }, () => ask("/v2/account")));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(performance.now() - began).toBeGreaterThan(1990);
});

test("after too many requests nothing goes for as long as the API says", async () => {
  const ask = await open(100, 1);
  api.faults.push(429);
  expect((await ask("/v2/account")).status).toBe(429);
  const began = performance.now();
  expect((await ask("/v2/account")).status).toBe(200);
  expect(performance.now() - began).toBeGreaterThan(900);
});

test("an API that is not there is a bad gateway, which the provider tries again", async () => {
  gate = await ApiGate.open("http://127.0.0.1:1", new RateLimiter([{ requests: 9, seconds: 1 }]));
  expect((await fetch(`${gate.environment.DIGITALOCEAN_API_URL}/v2/account`)).status).toBe(502);
});
