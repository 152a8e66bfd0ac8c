import { DataResource, ITerraformDependable, LocalExecProvisioner, TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { hostEnvironment } from "./host";
import { Lab, terraformPath } from "./lab";
import { quoteWord } from "./shell";
import { STEPS_PROGRAM } from "./steps-program";

/** Has a step done by the process that runs Terraform, below the repository's root. */
const SERVED_STEP = "platform/steps/step.sh";

/** A step of the deploy that is a command on this machine. */
export interface StepProps {
  /** The command's words after `platform/steps/run.ts`; see there. Where there are none, nothing is to be done. */
  readonly words?: readonly string[];
  /** The step runs again when one of these changes, and only then. */
  readonly triggers: Readonly<Record<string, string>>;
  /**
   * The step also runs again when one of these is changed in place: a stopped container that was started again.
   * @default - none
   */
  readonly runsAfterChangeOf?: readonly TerraformResource[];
  /** What must be done before. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * A step of the deploy as a resource: it runs when it is made, not on a plan, and a step that failed is tainted and
 * runs again with the next deploy.
 */
export class Step extends Construct {
  readonly resource: DataResource;

  constructor(scope: Construct, id: string, props: StepProps) {
    super(scope, id);
    this.resource = new DataResource(this, "step", {
      triggersReplace: props.triggers,
      dependsOn: [...props.after],
      provisioners: this.commands(props.words),
      lifecycle: props.runsAfterChangeOf && {
        replaceTriggeredBy: props.runsAfterChangeOf.map(terraformName),
      },
    });
  }

  /** Gives the step other words and triggers than those it was made with. */
  change({ words, triggers }: Pick<StepProps, "words" | "triggers">): void {
    this.resource.triggersReplace = triggers;
    this.resource.provisioners = this.commands(words);
  }

  private commands(words: readonly string[] | undefined): LocalExecProvisioner[] | undefined {
    const lab = Lab.of(this);
    return words
      ? [
          {
            type: "local-exec",
            command: shellCommand(["sh", terraformPath(this, SERVED_STEP), ...words]),
            // The step asks the Docker that the provider asks.
            environment: hostEnvironment(lab.host, (path) => lab.terraformPath(path)),
          },
        ]
      : undefined;
  }

  /** Changes with every run of the step. */
  get run(): string {
    return this.resource.id;
  }
}

/** A resource by its bare name, where Terraform takes no template. */
export function terraformName({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

/** The shell command that runs a step from the folder of the construct's stack. */
export function stepCommand(construct: Construct, words: readonly string[]): string {
  return shellCommand(["node", terraformPath(construct, STEPS_PROGRAM), ...words]);
}

/**
 * The shell command that becomes the program of these words: Terraform ends the process that it has started and no other,
 * and a step that lives on would do its work behind the deploy's back.
 */
export function shellCommand(words: readonly string[]): string {
  return ["exec", ...words.map(shellWord)].join(" ");
}

/** One word as a POSIX shell reads it back, and with nothing in it that Terraform would take for a template. */
export function shellWord(word: string): string {
  return quoteWord(word.replaceAll("${", "$${").replaceAll("%{", "%%{"));
}
