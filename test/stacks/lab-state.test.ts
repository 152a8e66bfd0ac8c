import { App, DataResource, LocalExecProvisioner, TerraformStack } from "cdktf";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { labFolder } from "../../platform/lab-files";
import {
  declareBackend,
  isNewLab,
  readState,
  setStateAside,
  StateUnreachable,
  tryBucket,
} from "../../stacks/lab-state";
import type { StateBucket } from "../../roster/state";
import { labStack, synthesized } from "../support/synth";
import { StandInBucket } from "../standin-s3/bucket";

const KEYS = { AWS_ACCESS_KEY_ID: "key-of-a-test", AWS_SECRET_ACCESS_KEY: "secret-of-a-test" };
const STATE = "w205/alice/terraform.tfstate";
const outdir = mkdtempSync(join(tmpdir(), "lab-state-"));
let bucket: StandInBucket;
let state: StateBucket;

beforeAll(async () => {
  Object.assign(process.env, KEYS);
  bucket = await StandInBucket.start({ bucket: "states", accessKey: KEYS.AWS_ACCESS_KEY_ID });
  const { endpoint } = bucket;
  state = { bucket: "states", endpoint, region: "us-east-1", prefix: "w205", encrypt: true, lock: true };
});

afterAll(async () => {
  Object.keys(KEYS).forEach((name) => delete process.env[name]);
  await bucket.stop();
  rmSync(outdir, { recursive: true });
});

test("a lab is new as long as Terraform has made nothing of it; of one whose state is in a bucket that is not asked", () => {
  const id = "state-of-a-test";
  const file = join(labFolder(id), "terraform.tfstate");
  const write = (...resources: object[]): void => writeFileSync(file, JSON.stringify({ version: 4, resources }));
  expect(isNewLab({ id })).toBe(true);
  mkdirSync(labFolder(id), { recursive: true });
  write();
  expect(isNewLab({ id })).toBe(true);
  expect(isNewLab({ id, state })).toBe(false);
  write({ type: "terraform_data", instances: [] });
  expect(isNewLab({ id })).toBe(false);
  writeFileSync(file, '{ "version": 4, "resour');
  expect(isNewLab({ id })).toBe(false);
  write(...Array.from({ length: 100 }, () => ({ type: "terraform_data", instances: [] })));
  expect(isNewLab({ id })).toBe(false);
  rmSync(labFolder(id), { recursive: true });
});

test("a lab's stack keeps its state in the bucket, under a key of its own, and holds no secret", () => {
  const stack = synthesized(labStack({ state }, "alice"));
  expect(stack.terraform).toMatchObject({
    required_version: ">= 1.11.0",
    backend: {
      s3: {
        bucket: "states",
        key: STATE,
        region: "us-east-1",
        encrypt: true,
        use_lockfile: true,
        use_path_style: true,
      },
    },
  });
  expect(JSON.stringify(stack)).not.toMatch(/secret-of-a-test|key-of-a-test/);
});

test("without a lock, any Terraform of the lab will do; Amazon's own service needs no address", () => {
  const { terraform } = synthesized(labStack({ state: { ...state, lock: false, endpoint: undefined } }, "alice"));
  expect(terraform).toMatchObject({ required_version: ">= 1.5.0" });
  expect((terraform.backend as { s3: object }).s3).toEqual({
    bucket: "states",
    key: STATE,
    region: "us-east-1",
    encrypt: true,
  });
});

describe("Terraform itself", () => {
  const folder = join(outdir, "stacks", "alice");
  const terraform = (...words: string[]): Promise<{ stdout: string }> =>
    promisify(execFile)("terraform", [...words, "-input=false", "-no-color"], {
      cwd: folder,
      env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    });

  beforeAll(async () => {
    const app = new App({ outdir, skipValidation: true });
    const stack = new TerraformStack(app, "alice");
    declareBackend(stack, { id: "alice", state }, "terraform.tfstate");
    const slow: LocalExecProvisioner = { type: "local-exec", command: "sleep 3" };
    new DataResource(stack, "thing", { input: { answer: "42" }, provisioners: [slow] });
    app.synth();
    await terraform("init");
  }, 60_000);

  test("writes it there encrypted, and one at a time", async () => {
    const first = terraform("apply", "-auto-approve");
    while (!bucket.objects.has(`${STATE}.tflock`)) {
      await sleep(50);
    }
    await expect(terraform("apply", "-auto-approve")).rejects.toThrow(/Error acquiring the state lock/);
    await expect(setStateAside({ id: "alice", state }, "terraform.tfstate", "gone-1")).rejects.toThrow(/is locked/);
    await first;
    expect([...bucket.objects.keys()]).toEqual([STATE]);
    expect(bucket.objects.get(STATE)!.encryption).toBe("AES256");
    expect(await readState({ id: "alice", state }, "terraform.tfstate")).toContain("terraform_data");
  }, 60_000);

  test("begins anew when the state was put aside", async () => {
    expect(await setStateAside({ id: "alice", state }, "terraform.tfstate", "gone-1")).toBe(`states/${STATE}.gone-1`);
    expect([...bucket.objects.keys()]).toEqual([`${STATE}.gone-1`]);
    expect(bucket.objects.get(`${STATE}.gone-1`)).toMatchObject({ encryption: "AES256" });
    expect(await readState({ id: "alice", state }, "terraform.tfstate")).toBeUndefined();
    expect((await terraform("plan")).stdout).toContain("1 to add");
  }, 60_000);
});

test("a bucket is tried, and left as it was", async () => {
  const before = [...bucket.objects.keys()];
  await tryBucket(state);
  expect([...bucket.objects.keys()]).toEqual(before);
});

test("a service without conditional writes can't lock", async () => {
  const careless = await StandInBucket.start({
    bucket: "states",
    accessKey: KEYS.AWS_ACCESS_KEY_ID,
    conditionalWrites: false,
  });
  const other = { ...state, endpoint: careless.endpoint };
  await expect(tryBucket(other)).rejects.toThrow(/knows no conditional writes.*set state.s3.lock to false/);
  await tryBucket({ ...other, lock: false });
  expect(careless.objects.size).toBe(0);
  await careless.stop();
});

test("what is wrong with the bucket or its keys is said", async () => {
  const read = (other: StateBucket): Promise<unknown> => readState({ id: "alice", state: other }, "droplet.tfstate");
  await expect(read({ ...state, endpoint: "http://127.0.0.1:1" })).rejects.toThrow(/does not answer/);
  process.env.AWS_ACCESS_KEY_ID = "another";
  await expect(read(state)).rejects.toThrow(/refuses GET .* 403 InvalidAccessKeyId\. Check the bucket/);
  delete process.env.AWS_ACCESS_KEY_ID;
  await expect(read(state)).rejects.toThrow(StateUnreachable);
  await expect(read(state)).rejects.toThrow(/export AWS_ACCESS_KEY_ID/);
  process.env.AWS_ACCESS_KEY_ID = KEYS.AWS_ACCESS_KEY_ID;
});
