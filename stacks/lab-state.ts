import { AwsClient } from "aws4fetch";
import { LocalBackend, S3Backend, TerraformStack } from "cdktf";
import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { terraformPath } from "../platform/lab";
import { labFolder } from "../platform/lab-files";
import type { StateBucket } from "../roster/state";

/** The state of a lab's own stack, or of its droplet's. */
export type StateFile = "terraform.tfstate" | "droplet.tfstate";

/** A lab whose state is to be found. */
export interface LabWithState {
  readonly id: string;
  /**
   * The bucket with its state.
   * @default - its state is in labs/<id>/
   */
  readonly state?: StateBucket;
}

/** A state can't be had; the message says why, and what to do. */
export class StateUnreachable extends Error {}

/** Has Terraform keep a stack's state where the lab's are. This file alone knows where that is. */
export function declareBackend(stack: TerraformStack, { id, state }: LabWithState, file: StateFile): void {
  if (!state) {
    new LocalBackend(stack, { path: `${terraformPath(stack, `labs/${id}`)}/${file}` });
    return;
  }
  const { bucket, region, encrypt, endpoint, lock } = state;
  new S3Backend(stack, {
    bucket,
    key: keyOf(id, state, file),
    region,
    encrypt,
    // Services that only speak S3's language lack Amazon's accounts, regions and checksums.
    ...(endpoint && {
      endpoints: { s3: endpoint },
      usePathStyle: true,
      skipCredentialsValidation: true,
      skipRegionValidation: true,
      skipRequestingAccountId: true,
      skipMetadataApiCheck: true,
      skipS3Checksum: true,
    }),
  });
  if (lock) {
    stack.addOverride("terraform.backend.s3.use_lockfile", true);
  }
}

/** What reads a lock file in a bucket. */
export const TERRAFORM_WITH_LOCK_FILES = ">= 1.11.0";

/** The text of a lab's state; undefined where there is none yet. @throws StateUnreachable */
export async function readState({ id, state }: LabWithState, file: StateFile): Promise<string | undefined> {
  if (!state) {
    const path = join(labFolder(id), file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }
  const answer = await ask(state, "GET", keyOf(id, state, file));
  return answer.status === 404 ? undefined : answer.text();
}

/** An empty state has some two hundred bytes; those of a class's labs that are up need not be read. */
const EMPTY_STATE_BYTES = 1024;

/** Whether Terraform has made nothing of a lab yet. A bucket is not asked: it holds many labs, and is far away. */
export function isNewLab({ id, state }: LabWithState): boolean {
  const file = join(labFolder(id), "terraform.tfstate");
  if (state) {
    return false;
  }
  if (!existsSync(file)) {
    return true;
  }
  // One that was cut short is for Terraform to refuse, in its own words.
  return statSync(file).size < EMPTY_STATE_BYTES && /"resources": ?\[\]/.test(readFileSync(file, "utf8"));
}

/** A resource as a state has it. */
interface StateResource {
  readonly type: string;
  readonly instances: readonly { readonly attributes: { readonly id?: string; readonly created_at?: string } }[];
}

/** The resources that a lab's state tells of; none where there is no state yet. @throws StateUnreachable */
export async function stateResources(lab: LabWithState, file: StateFile): Promise<readonly StateResource[]> {
  const text = await readState(lab, file);
  return text ? (JSON.parse(text) as { readonly resources: readonly StateResource[] }).resources : [];
}

/**
 * Puts a state aside, so that the next deploy begins anew.
 *
 * @returns where it is now
 * @throws StateUnreachable, also when somebody is at work on it
 */
export async function setStateAside({ id, state }: LabWithState, file: StateFile, mark: string): Promise<string> {
  if (!state) {
    const aside = join(labFolder(id), `${file}.${mark}`);
    renameSync(join(labFolder(id), file), aside);
    return aside;
  }
  const key = keyOf(id, state, file);
  if ((await ask(state, "GET", `${key}.tflock`)).status !== 404) {
    throw new StateUnreachable(`the state ${key} in the bucket ${state.bucket} is locked: somebody is at work on it.`);
  }
  const text = await (await ask(state, "GET", key)).text();
  await ask(state, "PUT", `${key}.${mark}`, text);
  await ask(state, "DELETE", key);
  return `${state.bucket}/${key}.${mark}`;
}

/**
 * Tries what a deploy will need of a bucket: to write, to read, to delete, and to be refused a second lock.
 *
 * @throws StateUnreachable
 */
export async function tryBucket(state: StateBucket): Promise<void> {
  const key = `${state.prefix}/doctor-${Date.now()}`;
  await ask(state, "PUT", key, "tried by doctor");
  try {
    if (state.lock && (await ask(state, "PUT", key, "again", { "if-none-match": "*" })).status !== 412) {
      throw new StateUnreachable(
        `the service at ${address(state, "")} knows no conditional writes, so a lock would lock nothing: set state.s3.lock to false, ` +
          `and see to it that one operator at a time deploys.`,
      );
    }
  } finally {
    await ask(state, "DELETE", key);
  }
}

function keyOf(id: string, { prefix }: StateBucket, file: StateFile): string {
  return `${prefix}/${id}/${file}`;
}

function address({ endpoint, bucket, region }: StateBucket, key: string): string {
  return endpoint
    ? `${endpoint.replace(/\/$/, "")}/${bucket}/${key}`
    : `https://${bucket}.s3.${region}.amazonaws.com/${key}`;
}

/** Asks the bucket's service. 404 and 412 are answers. */
async function ask(
  state: StateBucket,
  method: string,
  key: string,
  body?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const url = address(state, key);
  const answer = await client(state)
    .fetch(url, {
      method,
      body,
      headers: { ...headers, ...(body && state.encrypt && { "x-amz-server-side-encryption": "AES256" }) },
      signal: AbortSignal.timeout(20_000),
    })
    .catch((error: Error) => {
      throw new StateUnreachable(
        `the state's service at ${url} does not answer: ${((error.cause as Error | undefined) ?? error).message}.`,
      );
    });
  if (answer.ok || answer.status === 404 || answer.status === 412) {
    return answer;
  }
  const code = /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1] ?? answer.statusText;
  throw new StateUnreachable(
    `the state's service refuses ${method} ${url}: ${answer.status} ${code}. ` +
      `Check the bucket in the class file, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.`,
  );
}

function client({ region }: StateBucket): AwsClient {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    throw new StateUnreachable(
      "the states are in a bucket, and its keys are not in the environment: export AWS_ACCESS_KEY_ID=... and " +
        "AWS_SECRET_ACCESS_KEY=... (of Spaces: the pair that the control panel makes, page API, Spaces Keys).",
    );
  }
  return new AwsClient({
    accessKeyId,
    secretAccessKey,
    sessionToken: AWS_SESSION_TOKEN,
    service: "s3",
    region,
    retries: 4,
  });
}
