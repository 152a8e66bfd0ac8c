import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Step } from "./state";

/** What to type next. */
export function Next({ steps }: { steps: readonly Step[] }): ComponentChildren {
  const next = steps.filter(({ state }) => state === "next");
  return (
    <section aria-labelledby="next">
      <h2 id="next">Type next, in the lab's folder</h2>
      {next.length === 0 && <p>The exercise is done. What is below can be typed again at any time.</p>}
      <Steps steps={next} />
    </section>
  );
}

/** The whole exercise. */
export function Exercise({ steps }: { steps: readonly Step[] }): ComponentChildren {
  return (
    <section aria-labelledby="exercise">
      <h2 id="exercise">The exercise</h2>
      <details>
        <summary>All {steps.length} steps</summary>
        <Steps steps={steps} marked />
      </details>
    </section>
  );
}

const MARKS = { done: "done", seen: "passed", next: "next", later: "" } as const;

function Steps({ steps, marked }: { steps: readonly Step[]; marked?: boolean }): ComponentChildren {
  return (
    <ol class="steps">
      {steps.map((step) => (
        <li key={step.number} data-step={step.number} data-state={step.state}>
          <span class="title">
            {Number(step.number)}. {step.title} {marked && <small>{MARKS[step.state]}</small>}
          </span>
          <Command step={step} />
        </li>
      ))}
    </ol>
  );
}

function Command({ step }: { step: Step }): ComponentChildren {
  const [said, say] = useState("");
  const copy = async (button: HTMLElement): Promise<void> => {
    try {
      await navigator.clipboard.writeText(step.command);
      say("copied");
    } catch {
      // Browsers give the clipboard to pages of this machine and to https alone.
      getSelection()?.selectAllChildren(button.parentElement!.querySelector("code")!);
      say("selected: press Ctrl+C");
    }
    setTimeout(() => say(""), 3000);
  };
  return (
    <div class="command">
      <code>{step.command}</code>
      <button type="button" aria-label={`Copy: ${step.title}`} onClick={(event) => void copy(event.currentTarget)}>
        Copy
      </button>
      <span role="status">{said}</span>
    </div>
  );
}
