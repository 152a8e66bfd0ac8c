import { refuse, show } from "../platform/checks";
import type { S3Definition } from "./definition";
import type { YamlSource } from "./yaml-source";

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;

/** A bucket for states, with all of its settings; Amazon's own service has no endpoint. */
export type StateBucket = Required<Omit<S3Definition, "endpoint">> & Pick<S3Definition, "endpoint">;

/** The settings of a bucket for states, with their defaults. @throws BadInputError */
export function checkState(source: YamlSource, s3: S3Definition, className: string): StateBucket {
  const { bucket, endpoint, region = "us-east-1", prefix = className, encrypt = true, lock = true } = s3;
  const check = (name: keyof S3Definition, good: boolean, allowed: string): void => {
    if (!good) {
      refuse(source.at(["state", "s3", name]), `${name} is ${show(s3[name])}; allowed is ${allowed}.`);
    }
  };
  check("bucket", BUCKET.test(bucket), "a bucket's name: 3 to 63 of a-z, 0-9, - and .");
  check(
    "endpoint",
    endpoint === undefined || isService(endpoint),
    "an address such as https://fra1.digitaloceanspaces.com",
  );
  check("region", /^[a-z0-9-]{2,32}$/.test(region), "a region such as us-east-1");
  check("prefix", PREFIX.test(prefix), "a folder such as w205-fall");
  return { bucket, endpoint, region, prefix, encrypt, lock };
}

/** An https address without a path; http on this machine alone. */
function isService(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  return (
    url !== undefined && (url.protocol === "https:" || local) && url.pathname === "/" && !url.username && !url.search
  );
}
