import { useEffect, useState } from "preact/hooks";
import type { LabState } from "./state";

const EVERY_MS = 2000;
const PATIENCE_MS = 6000;

/** What the page knows of the lab. */
export interface Lab {
  /** The last answer, however old. */
  readonly state: LabState | undefined;
  /** The time by the service's clock, in seconds since 1970. */
  readonly now: number;
  /** Why the answer is not a new one. */
  readonly trouble: string | undefined;
}

/** Asks for the lab's state every two seconds while the page is visible. */
export function useLab(): Lab {
  const [answer, setAnswer] = useState<{ state: LabState; at: number }>();
  const [trouble, setTrouble] = useState<string>();
  const [clock, setClock] = useState(performance.now());

  useEffect(() => {
    let timer: number | undefined;
    let asking = false;
    const next = (): void => {
      window.clearTimeout(timer);
      timer = undefined;
      if (!document.hidden) {
        timer = window.setTimeout(() => void ask(), EVERY_MS);
      }
    };
    const ask = async (): Promise<void> => {
      if (asking) {
        return;
      }
      asking = true;
      try {
        setAnswer({ state: await fetchState(), at: performance.now() });
        setTrouble(undefined);
      } catch (error) {
        setTrouble(error instanceof Refused ? error.message : "This page's own service does not answer");
      }
      asking = false;
      setClock(performance.now());
      next();
    };
    const look = (): void => (document.hidden ? next() : void ask());
    document.addEventListener("visibilitychange", look);
    void ask();
    const ticking = window.setInterval(() => setClock(performance.now()), 1000);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.clearTimeout(timer);
      window.clearInterval(ticking);
    };
  }, []);

  const age = answer ? Math.max(0, clock - answer.at) / 1000 : 0;
  return {
    state: answer?.state,
    now: (answer?.state.now ?? 0) + age,
    trouble: trouble && answer ? `${trouble}: all below is ${Math.round(age)} s old` : trouble,
  };
}

class Refused extends Error {}

async function fetchState(): Promise<LabState> {
  const answer = await fetch("./api/state", { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status === 401) {
    throw new Refused("The lab's token is another one now; open its link again");
  }
  if (!answer.ok) {
    throw new Error(`api/state answers ${answer.status}`);
  }
  return (await answer.json()) as LabState;
}
