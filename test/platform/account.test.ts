import { account } from "../../platform/steps/account";
import { StandInDigitalOcean } from "../standin-digitalocean/api";

const ROOM = { region: "nyc3", size: "s-4vcpu-8gb" };

let api: StandInDigitalOcean;
const kept = { ...process.env };

beforeEach(async () => {
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  api = await StandInDigitalOcean.start({ token: "right", dropletLimit: 1 });
  delete process.env.DIGITALOCEAN_ACCESS_TOKEN;
  Object.assign(process.env, api.environment);
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...kept };
  await api.stop();
});

async function makeDroplet(): Promise<void> {
  await fetch(`${process.env.DIGITALOCEAN_API_URL}/v2/droplets`, {
    method: "POST",
    headers: { authorization: "Bearer right" },
    body: JSON.stringify({ name: "first", region: "nyc3", size: "s-4vcpu-8gb", image: "debian-12-x64" }),
  });
}

test("an account with room lets the deploy go on", async () => {
  await expect(account(ROOM)).resolves.toBeUndefined();
});

test("a busy API, and one that fails, are asked again", async () => {
  api.faults.push(429, 503);
  await expect(account(ROOM)).resolves.toBeUndefined();
  expect(api.requests.filter((request) => request === "GET /v2/account")).toHaveLength(3);
});

test.each<[what: string, arrange: () => Promise<void> | void, asked: typeof ROOM, message: RegExp]>([
  [
    "no token",
    () => {
      delete process.env.DIGITALOCEAN_TOKEN;
    },
    ROOM,
    /There is no DigitalOcean token[\s\S]*export DIGITALOCEAN_TOKEN=/,
  ],
  [
    "a wrong token",
    () => {
      process.env.DIGITALOCEAN_TOKEN = "wrong";
    },
    ROOM,
    /refuses the token \(401 .*Check DIGITALOCEAN_TOKEN/,
  ],
  ["no room for another droplet", makeDroplet, ROOM, /has 1 droplets of at most 1\..*higher limit/],
  [
    "a region that does not sell the size",
    () => undefined,
    { ...ROOM, region: "syd1" },
    /does not sell the size "s-4vcpu-8gb" in the region "syd1" now\. It sells it in nyc3, fra1\./,
  ],
  ["a size that is sold nowhere", () => undefined, { ...ROOM, size: "c-8" }, /"c-8".*take another size/],
])("%s is said before anything is made", async (_, arrange, asked, message) => {
  await arrange();
  await expect(account(asked)).rejects.toThrow(message);
});
