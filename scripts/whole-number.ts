import { InvalidArgumentError } from "commander";

/** Reads an option that is a whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Allowed is a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}
