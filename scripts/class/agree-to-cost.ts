import type { LabClass, LabEntry } from "../../roster/class-file";
import { agree } from "./ask";
import { classCost, ClassCost, CostOptions, costOfSome } from "./class-cost";
import { costText } from "./cost";
import { onDroplet } from "./droplets";

/**
 * Says what the labs will cost that are to come up and those that are up already, and asks when that is more than the
 * class's budget. Labs that cost nothing are not asked about.
 *
 * @returns the cost, where there is one
 * @throws CommandFailed where nobody agrees
 */
export async function agreeToCost(
  { labs, budget }: Pick<LabClass, "labs" | "budget">,
  entries: readonly LabEntry[],
  options: CostOptions & { readonly yes?: boolean } = {},
): Promise<ClassCost | undefined> {
  if (!entries.some(onDroplet)) {
    return undefined;
  }
  const wanted = new Set(entries.map(({ id }) => id));
  const say = (message: string): void => console.error(message);
  const all = await classCost(labs, { say, ...options, budget });
  const cost = costOfSome(all, ({ lab, since }) => wanted.has(lab) || since !== undefined);
  say(costText(cost));
  if (cost.overBudget) {
    await agree("That may be more than the budget. Go on?", options.yes);
  }
  return cost;
}
