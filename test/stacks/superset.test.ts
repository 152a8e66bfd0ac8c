import { App, Testing } from "cdktf";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { accessText } from "../../platform/access-text";
import { composeFile } from "../../platform/compose";
import { labFolder } from "../../platform/lab-files";
import type { SshLogin } from "../../platform/ssh-files";
import type { DropletOptions } from "../../stacks/droplet-options";
import { labUrls, whatNext } from "../../stacks/lab-outputs";
import type { ServicesOptions } from "../../stacks/lab-stack";
import { StudentStacks, studentStacks, writeStudentFolder } from "../../stacks/student-stacks";
import { labStack, resource, synthesized } from "../support/synth";

/** A lab on a droplet leaves its one-time secret in its folder. */
const ID = "superset-of-a-test";

const ON: ServicesOptions = { superset: { enabled: true } };

describe("a lab with Superset", () => {
  const stack = labStack({ services: ON, host: { owner: { uid: 501, gid: 20 } } });
  const lab = synthesized(stack);
  const container = resource(lab, "docker_container", "/superset/container");

  test("it runs closed, on this machine alone, as who may read the lab's token", () => {
    expect(container).toMatchObject({
      name: "lab-local-superset",
      capabilities: { drop: ["ALL"] },
      security_opts: ["no-new-privileges"],
      memory: 768,
      ports: [{ internal: 8088, external: 8088, ip: "127.0.0.1" }],
      user: "501:20",
    });
  });

  test("it knows Presto and HiveServer2 by the constructs", () => {
    expect(container.env).toEqual(["HIVESERVER2=cloudera:10000", "PRESTO=presto:8080"]);
  });

  test("its metadata are on a volume", () => {
    expect(container.volumes).toEqual([
      { volume_name: "lab-local-superset-metadata", container_path: "/data/superset" },
    ]);
  });

  test("of the token only the file's path is in it", () => {
    expect(container.upload).toEqual([
      expect.objectContaining({ file: "/etc/lab/jupyter-token", source: "../../../labs/local/jupyter-token" }),
    ]);
  });

  test("the deploy says where it is, how to log in, and its version", () => {
    expect(lab.output.urls!.value).toMatchObject({ Superset: "http://127.0.0.1:8088" });
    expect(lab.output.next!.value).toContain("Superset's user is science, its password is the lab's token.");
    expect(lab.output.versions!.value).toMatchObject({ Superset: "6.1.0" });
  });

  test("the front page looks at it and leads to it", () => {
    const { env } = resource(lab, "docker_container", "/home/container") as { env: string[] };
    expect(env).toContain("LAB_SUPERSET=superset:8088");
    const pages = env.find((line) => line.startsWith("LAB_PAGES="))!.slice("LAB_PAGES=".length);
    expect(JSON.parse(pages)).toContainEqual({ name: "Superset", port: 8088, path: "/", throughJupyter: false });
  });

  test("JupyterLab's launcher has a tile for it", () => {
    expect(resource(lab, "docker_container", "/spark/container").env).toContain("SUPERSET_PORT=8088");
  });

  test("docker-compose has it too", () => {
    const { services, volumes } = parse(composeFile(stack.lab)) as Record<string, Record<string, object>>;
    expect(services!.superset).toMatchObject({
      depends_on: ["cloudera", "presto"],
      volumes: ["superset-metadata:/data/superset", "./jupyter-token:/etc/lab/jupyter-token:ro"],
    });
    expect(volumes).toHaveProperty("superset-metadata");
  });
});

test.each<[string, ServicesOptions]>([
  ["nothing is said of it", {}],
  ["it is off", { superset: { enabled: false } }],
  ["only its port is said", { superset: { webPort: 9000 } }],
])("a lab on this machine has none when %s, and builds no image for it", (_when, services) => {
  expect(Testing.synth(labStack({ services }), true).toLowerCase()).not.toContain("superset");
});

describe("a lab on a droplet", () => {
  const folder = mkdtempSync(join(tmpdir(), "superset-test-"));
  const operatorKeyFile = join(folder, "id_ed25519.pub");
  beforeAll(() => {
    const key = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from("ssh-ed25519"), Buffer.from([0, 0, 0, 32])]);
    writeFileSync(operatorKeyFile, `ssh-ed25519 ${Buffer.concat([key, Buffer.alloc(32, 7)]).toString("base64")} me\n`);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    rmSync(labFolder(ID), { recursive: true, force: true });
  });

  function stacksOf(options: DropletOptions, services: ServicesOptions = {}): StudentStacks {
    const app = Testing.stubVersion(new App({ outdir: folder }));
    const target = { kind: "digitalocean", options: { operatorKeyFile, ...options } } as const;
    return studentStacks(app, { id: ID, services, target });
  }

  const serviceNames = (...of: Parameters<typeof stacksOf>): string[] =>
    stacksOf(...of).lab.services.map(({ serviceName }) => serviceName);

  /** The least that the six services can do with. */
  const SMALL: ServicesOptions = {
    cloudera: { memoryMiB: 1152 },
    spark: { memoryMiB: 1152 },
    presto: { memoryMiB: 832 },
    mids: { memoryMiB: 128 },
  };

  test("has it on the default size", () => {
    expect(serviceNames({})).toContain("superset");
  });

  test("says each page's address at the tunnel's end, and the tunnel brings those ports", () => {
    const stacks = stacksOf({});
    writeStudentFolder(stacks);
    const login = JSON.parse(readFileSync(join(labFolder(ID), "login.json"), "utf8")) as SshLogin;
    const gettingIn = accessText({ ...login, address: "203.0.113.7" }, "ssh-ed25519 AAAA");
    const urls = labUrls(stacks.lab);
    expect(Object.keys(urls)).toEqual(
      expect.arrayContaining(["JupyterLab", "Superset", "the front page", "Presto", "the NameNode", "the game API"]),
    );
    const said = whatNext(stacks.lab);
    for (const [name, url] of Object.entries(urls)) {
      const { port } = new URL(url);
      expect([name, url]).toEqual([name, `http://127.0.0.1:${port}`]);
      expect(said).toContain(`  ${name}: ${url}\n`);
      // One command for the operator, one for the student.
      expect(gettingIn.split(`-L ${port}:127.0.0.1:${port}`)).toHaveLength(3);
    }
    expect(said).toContain("In your browser, while the tunnel is open:");
  });

  test("has none where it is off", () => {
    expect(serviceNames({}, { superset: { enabled: false } })).not.toContain("superset");
  });

  test("has none on a size whose memory it does not fit into: swap is no room", () => {
    expect(serviceNames({ size: "s-2vcpu-4gb" }, SMALL)).not.toContain("superset");
  });

  test("has none where it asks for more than is left", () => {
    expect(serviceNames({}, { superset: { memoryMiB: 4096 } })).not.toContain("superset");
  });

  test("is refused where it is asked for and does not fit", () => {
    expect(() => serviceNames({}, { superset: { enabled: true, memoryMiB: 4096 } })).toThrow(
      /size is "s-4vcpu-8gb".* the lab needs \d+ MiB \(.*superset 4096.*The cheapest size it fits into is/,
    );
  });
});

test.each<[string, object, RegExp]>([
  ["a word for on", { enabled: "yes" }, /local\/lab\/superset: enabled is "yes"; allowed is true or false/],
  ["a port out of range", { enabled: true, webPort: 80 }, /local\/lab\/superset: webPort is 80/],
  ["an option that is not there", { enabled: true, port: 8088 }, /local\/lab\/superset: unknown option "port"/],
])("%s is refused", (_name, superset, message) => {
  expect(() => labStack({ services: { superset } })).toThrow(message);
});
