/** What Terraform's lines say of a lab's deploy, in words for whoever waits for it. */

/** The kinds of resources as people call them. */
const KINDS: Readonly<Record<string, string>> = {
  docker_image: "image",
  docker_container: "container",
  docker_network: "network",
  docker_volume: "volume",
  digitalocean_droplet: "droplet",
  digitalocean_firewall: "firewall",
  digitalocean_volume: "data volume",
  digitalocean_reserved_ip: "reserved IP",
  terraform_data: "step",
};

const VERBS: Readonly<Record<string, string>> = {
  "Creating...": "making",
  "Still creating...": "making",
  "Destroying...": "taking away",
  "Still destroying...": "taking away",
  "Modifying...": "changing",
  "Still modifying...": "changing",
};

const RESOURCE =
  /^([a-z]\w*)\.([\w-]+): ((?:Still )?(?:[Cc]reat|[Dd]estroy|[Mm]odify)ing\.\.\.)(?: \[.*?([\dhms]+) elapsed\])?/;
const STEP_OUTPUT = /^[a-z]\w*\.[\w-]+ \(local-exec\): (.+)$/;

/** The present step of a deploy or a destroy by a line of Terraform's output. Undefined for lines that say nothing. */
export function stepOf(line: string): string | undefined {
  const [, type = "", name = "", verb = "", elapsed] = RESOURCE.exec(line) ?? [];
  // An image stays on the machine: Terraform only forgets it.
  if (type === "docker_image" && VERBS[verb] === VERBS["Destroying..."]) {
    return undefined;
  }
  if (verb) {
    const step = `${VERBS[verb]} ${KINDS[type] ?? type} ${resourceName(name)}`.trim();
    return elapsed ? `${step} (${elapsed})` : step;
  }
  const output = STEP_OUTPUT.exec(line)?.[1];
  if (output && !output.startsWith("Executing:")) {
    return output;
  }
  if (/^Initializing/.test(line)) {
    return "Terraform gets ready";
  }
  if (/: (Refreshing state|Reading)\.\.\./.test(line)) {
    return "looking at what is there";
  }
  return /^(Apply|Destroy) complete!/.test(line) ? line : undefined;
}

/** `lab_kafka_data-volume_2654BA32` is the volume `kafka data`. */
function resourceName(name: string): string {
  return name
    .replace(/_[0-9A-F]{8}$/, "")
    .replace(/^lab_(images_)?/, "")
    .replace(/[_-](step|container|volume)$/, "")
    .replace(/^(network|droplet|firewall)$/, "")
    .replaceAll("_", " ");
}
