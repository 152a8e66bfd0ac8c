import { forgetKnownHosts, foundDroplet, pinnedKey } from "../platform/ssh-files";
import { askDigitalOcean, digitalOceanToken } from "../platform/steps/account";
import { runCommand } from "../platform/steps/docker";
import { labFolder } from "../platform/lab-files";
import { LabWithState, setStateAside, stateResources } from "./lab-state";

/**
 * Sets the state of labs aside whose droplets are gone, though nobody destroyed the labs: somebody deleted the droplet
 * in the control panel. All that such a state names was on the droplet, and a destroy would ask the droplet for it.
 *
 * A droplet counts as gone only when DigitalOcean says so, in the account that still has its firewall: with another
 * account's token every droplet looks gone.
 */
export async function setAsideGoneLabs(labs: readonly LabWithState[], say: (message: string) => void): Promise<void> {
  if (!digitalOceanToken()) {
    return;
  }
  await Promise.all(
    labs.map(async (lab) => {
      const folder = labFolder(lab.id);
      const droplet = foundDroplet(folder);
      if (
        !droplet ||
        (await stateResources(lab, "terraform.tfstate")).length === 0 ||
        (await answers(folder, droplet.address)) ||
        !(await isGone(lab, droplet.id))
      ) {
        return;
      }
      const aside = await setStateAside(lab, "terraform.tfstate", `gone-${droplet.id}`);
      forgetKnownHosts(folder);
      say(`the droplet ${droplet.id} of the lab ${lab.id} is gone, and the lab with it: its state is now ${aside}`);
    }),
  );
}

/** Whether the machine with the pinned key answers: then there is nothing to ask DigitalOcean. */
async function answers(folder: string, address: string): Promise<boolean> {
  const key = pinnedKey(folder);
  const { output } = await runCommand(["ssh-keyscan", "-T", "4", "-t", "ed25519", address]);
  return key !== undefined && output.includes(key);
}

async function isGone(lab: LabWithState, droplet: string): Promise<boolean> {
  const resources = await stateResources(lab, "droplet.tfstate");
  const firewall = resources.find(({ type }) => type === "digitalocean_firewall")?.instances[0]?.attributes.id;
  if (!firewall) {
    return false;
  }
  const [own, machine] = await Promise.all([
    askDigitalOcean(`/v2/firewalls/${firewall}`),
    askDigitalOcean(`/v2/droplets/${droplet}`),
  ]);
  return own instanceof Response && own.ok && machine instanceof Response && machine.status === 404;
}
