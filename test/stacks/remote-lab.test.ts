import { App, Testing } from "cdktf";
import { parse } from "yaml";
import { composeFile } from "../../platform/compose";
import { portClashes, portUsers } from "../../platform/published-ports";
import { sshHost } from "../../platform/ssh-host";
import { LabStack } from "../../stacks/lab-stack";
import { labStack, resource, SynthesizedStack, synthesized } from "../support/synth";

const host = sshHost("alice", { lab: "alice", user: "science" });

describe("a lab on a host that is reached by SSH", () => {
  let stack: SynthesizedStack & { readonly provider: { readonly docker: readonly unknown[] } };
  beforeAll(() => {
    stack = synthesized(labStack({ host, baseImage: "base:1" }, "alice")) as typeof stack;
  });

  test("has its provider use the lab's own ssh_config, and ask nobody", () => {
    expect(stack.provider.docker).toEqual([
      {
        host: "ssh://science@lab-alice",
        ssh_opts: ["-F", "../../../labs/alice/ssh_config", "-o", "BatchMode=yes"],
      },
    ]);
  });

  test("touches nothing of Docker's before the host is ready", () => {
    const all = Object.entries(stack.resource).filter(([type]) => type.startsWith("docker_"));
    const networkThere = resource(stack, "terraform_data", "/network-there/step");
    for (const one of [networkThere, ...all.flatMap(([, resources]) => Object.values(resources))]) {
      expect(one.depends_on).toEqual(
        expect.arrayContaining([expect.stringMatching(/^terraform_data\.lab_prepare_step/)]),
      );
    }
  });

  test("prepares the host again when it has another key: a droplet made anew", () => {
    const prepare = resource(stack, "terraform_data", "/prepare/step");
    expect((prepare.triggers_replace as Record<string, string>).host).toContain(
      'filesha256("../../../labs/alice/known_hosts")',
    );
    expect(JSON.stringify(prepare.provisioner)).toContain("--folder /home/science --owner 1000:1000 --image base:1");
  });

  test("has every step go the same way", () => {
    const steps = Object.values(stack.resource.terraform_data!).filter(({ provisioner }) => provisioner);
    expect(steps.length).toBeGreaterThan(10);
    for (const one of steps) {
      expect((one.provisioner as [{ "local-exec": object }])[0]["local-exec"]).toMatchObject({
        environment: { LAB_SSH_CONFIG: "../../../labs/alice/ssh_config", LAB_SSH_HOST: "lab-alice" },
      });
    }
  });

  test("publishes its pages on the host's loopback for the tunnel, and mounts the student's folder there", () => {
    const containers = Object.values(stack.resource.docker_container!);
    const ports = containers.flatMap(({ ports }) => (ports as { external: number; ip: string }[] | undefined) ?? []);
    expect(ports.map(({ external }) => external).sort((a, b) => a - b)).toEqual([5000, 8000, 8080, 8888, 50070]);
    expect(new Set(ports.map(({ ip }) => ip))).toEqual(new Set(["127.0.0.1"]));
    expect(JSON.stringify(containers)).toContain('"host_path":"/home/science/w205"');
  });
});

test("docker-compose there has no folder to build from", () => {
  const { services } = parse(composeFile(labStack({ host }, "alice").lab)) as { services: Record<string, object> };
  expect(Object.values(services).some((service) => "build" in service)).toBe(false);
});

test("two labs on one machine collide on its ports; two droplets do not", () => {
  const app = Testing.stubVersion(new App());
  const lab = (id: string, address?: string): LabStack["lab"] =>
    new LabStack(app, id, { host: sshHost(id, { lab: id, user: "ann", address, folder: `/srv/${id}` }) }).lab;
  expect(portClashes([lab("a1", "lab.example"), lab("a2", "lab.example")].flatMap(portUsers))).toHaveLength(5);
  expect(portClashes([lab("b1"), lab("b2")].flatMap(portUsers))).toEqual([]);
});
