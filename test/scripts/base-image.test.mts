import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aptSources, debianMirrors } from "../../scripts/setup/apt-sources.mjs";
import { defaultImage, ownName } from "../../scripts/setup/base-image.mjs";
import { extraCertificates, splitBundle, writeCertificates } from "../../scripts/setup/certificates.mjs";
import { mountsBelow } from "../../scripts/setup/debootstrap.mjs";

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

describe("extra certificates", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "certificates-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("a bundle is split, each certificate once, in a steady order", () => {
    const bundle = `# b\r\n${pem("bb+/=").replaceAll("\n", "\r\n")}${pem("aa")}some text\n${pem("bb+/=")}`;
    expect(splitBundle(bundle)).toEqual([pem("aa"), pem("bb+/=")]);
    expect(splitBundle("no certificate")).toEqual([]);
  });

  test("EXTRA_CA_BUNDLE goes before the machine's own; empty means none", () => {
    mkdirSync(join(folder, "company"));
    writeFileSync(join(folder, "company", "own.crt"), pem("own"));
    writeFileSync(join(folder, "readme.txt"), pem("not a .crt"));
    writeFileSync(join(folder, "bundle.pem"), pem("given"));
    expect(extraCertificates(undefined, folder)).toEqual([pem("own")]);
    expect(extraCertificates(join(folder, "bundle.pem"), folder)).toEqual([pem("given")]);
    expect(extraCertificates("", folder)).toEqual([]);
    expect(extraCertificates(undefined, join(folder, "none"))).toEqual([]);
  });

  test.each([
    ["no such file", "missing.pem", /EXTRA_CA_BUNDLE names .*missing\.pem, but there is no such file/],
    ["no certificate in it", "empty.pem", /no certificate in PEM/],
  ])("EXTRA_CA_BUNDLE is refused: %s", (_, file, refusal) => {
    writeFileSync(join(folder, "empty.pem"), "");
    expect(() => extraCertificates(join(folder, file), folder)).toThrow(refusal);
  });

  test("they are written one a file", () => {
    writeCertificates(join(folder, "out"), [pem("a"), pem("b")]);
    expect(readdirSync(join(folder, "out"))).toEqual(["extra-1.crt", "extra-2.crt"]);
  });
});

test("the image's name changes with the certificates in it", () => {
  expect(ownName([])).toBe("fullstack-lab/debian:bookworm");
  expect(ownName([pem("a")])).toMatch(/^fullstack-lab\/debian:bookworm-ca-[0-9a-f]{12}$/);
  expect(ownName([pem("a")])).not.toBe(ownName([pem("b")]));
});

test("the default is the Dockerfile's, by its digest", () => {
  expect(defaultImage()).toMatch(/^\S+@sha256:[0-9a-f]{64}$/);
});

describe("Debian's mirrors from a machine's apt sources", () => {
  const name = (file: string): string => `/etc/apt/sources.list.d/${file}`;
  const OTHERS = [
    {
      name: name("node.sources"),
      text: "Types: deb\nURIs: https://node.example\nSuites: nodistro\nComponents: main\n",
    },
    { name: name("cloud.list"), text: "deb https://cloud.example/apt cloud-bookworm main\n" },
  ];

  test("deb822, comments and stanzas that are off", () => {
    const text = [
      "# the old one\nEnabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main",
      "Types: deb\n# snapshot\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main",
      "Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\nComponents: main contrib\n",
    ].join("\n\n");
    expect(debianMirrors([...OTHERS, { name: name("debian.sources"), text }], "bookworm")).toEqual({
      main: "http://mirror.example/debian",
      security: "http://mirror.example/security",
    });
  });

  test("one-line style", () => {
    const text =
      "# deb http://old.example/debian trixie main\ndeb cdrom:[Debian]/ trixie main\n" +
      "deb [signed-by=/x.gpg arch=amd64] https://mirror.example/debian trixie main non-free # ours\n" +
      "deb-src https://mirror.example/debian trixie main\n";
    expect(debianMirrors([...OTHERS, { name: "/etc/apt/sources.list", text }], "trixie")).toEqual({
      main: "https://mirror.example/debian",
      security: undefined,
    });
  });

  test("the image's own sources have updates and security fixes", () => {
    expect(aptSources("bookworm", "http://mirror.example/debian")).toBe(
      "deb http://mirror.example/debian bookworm main\n" +
        "deb http://mirror.example/debian bookworm-updates main\n" +
        "deb http://mirror.example/debian-security bookworm-security main\n",
    );
    expect(aptSources("bookworm", "http://mirror.example/d")).not.toContain("security");
  });
});

test("what an interrupted debootstrap left mounted, the inner first", () => {
  const mounts =
    "proc /proc proc rw 0 0\nproc /r/debian/proc proc rw 0 0\nx /r/debian/proc/x fs rw 0 0\nd /r/debian2 fs rw 0 0\n";
  expect(mountsBelow("/r/debian", mounts)).toEqual(["/r/debian/proc/x", "/r/debian/proc"]);
});
