import type { Folder, Service } from "./state";

/** Seconds as people say them: "12 s", "3 min", "2 h 5 min", "4 days". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  if (whole < 60) {
    return `${whole} s`;
  }
  if (hours < 1) {
    return `${minutes} min`;
  }
  if (hours < 48) {
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  }
  return `${Math.floor(hours / 24)} days`;
}

/** How long ago something was. */
export function ago(seconds: number): string {
  return seconds < 1 ? "just now" : `${duration(seconds)} ago`;
}

/** A number with its noun: "1 file", "1,200 files". */
export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? noun : nouns}`;
}

/** A rate of events. */
export function rate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) {
    return "rate not known yet";
  }
  return perSecond === 0
    ? "none coming now"
    : `${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)} a second now`;
}

/** A folder's rows, and of how many files they are when not of all. */
export function rows(folder: Folder): string {
  const all = count(folder.rows, "row");
  return folder.counted < folder.files ? `${all} in ${folder.counted} of its files so far` : all;
}

/** How long a service has been up: as it tells, or else at least as long as this page has seen it so. */
export function upFor(service: Service, now: number): string {
  if (service.state !== "up") {
    return service.since === null ? "" : `for ${duration(now - service.since)}`;
  }
  if (service.upSince !== null) {
    return `for ${duration(now - service.upSince)}`;
  }
  return service.since === null ? "" : `for at least ${duration(now - service.since)}`;
}

/** The state of the whole in one sentence. */
export function summary(services: readonly Service[]): string {
  const down = services.filter(({ state }) => state === "down").map(({ title }) => title);
  if (down.length > 0) {
    return `${list(down)} ${down.length === 1 ? "is" : "are"} down`;
  }
  const unknown = services.filter(({ state }) => state === "unknown").length;
  return unknown > 0 ? `Looking at ${count(unknown, "service")}` : `All ${services.length} services are well`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
