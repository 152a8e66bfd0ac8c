import type { SshLogin } from "./ssh-files";
import { quoteWord } from "./shell";
import { sshAlias } from "./ssh-host";

/** How to get into a lab's host, for its operator on this machine and for its student on another. */
export function accessText(login: SshLogin & { readonly address: string }, hostKey: string): string {
  const alias = sshAlias(login.lab);
  const config = `labs/${login.lab}/ssh_config`;
  return [
    "Log in, from this folder:",
    `  ssh -F ${config} ${alias}`,
    "",
    "The lab's web pages in your own browser, as long as this runs:",
    `  ssh -F ${config} ${tunnelOptions(login.pages)} ${alias}`,
    "",
    "For a student on another machine: one line to add to ~/.ssh/known_hosts,",
    `  ${alias} ${hostKey}`,
    "",
    "and these to ~/.ssh/config:",
    `  Host ${alias}`,
    `    HostName ${login.address}`,
    ...(login.port === 22 ? [] : [`    Port ${login.port}`]),
    `    User ${login.user}`,
    `    HostKeyAlias ${alias}`,
    "    StrictHostKeyChecking yes",
    "",
    "Then log in and open the tunnel by:",
    `  ssh ${alias}`,
    `  ssh ${tunnelOptions(login.pages)} ${alias}`,
    "",
  ].join("\n");
}

/** A connection of its own that carries the pages and nothing else. */
function tunnelOptions(pages: Readonly<Record<string, number>>): string {
  const forwards = Object.values(pages).flatMap((port) => ["-L", `${port}:127.0.0.1:${port}`]);
  return ["-N", "-o", "ControlPath=none", "-o", "ExitOnForwardFailure=yes", ...forwards].map(quoteWord).join(" ");
}
