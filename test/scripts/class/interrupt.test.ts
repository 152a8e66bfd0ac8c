import { EXIT } from "../../../scripts/class/command";
import { leaveOnInterrupt, onInterrupt } from "../../../scripts/class/interrupt";

const stops: (() => void)[] = [];

afterEach(() => {
  stops.splice(0).forEach((stop) => stop());
  jest.restoreAllMocks();
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s is told to the work within, and to the work around when that is done",
  (signal) => {
    const [around, within] = [jest.fn(), jest.fn()];
    stops.push(onInterrupt(around));
    const stop = onInterrupt(within);
    process.emit(signal);
    expect([around.mock.calls.length, within.mock.calls.length]).toEqual([0, 1]);
    stop();
    process.emit(signal);
    expect([around.mock.calls.length, within.mock.calls.length]).toEqual([1, 1]);
  },
);

test("with nobody to be told, the signals are the system's again", () => {
  const before = process.listenerCount("SIGINT");
  const stop = onInterrupt(() => undefined);
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
  stop();
  expect(process.listenerCount("SIGINT")).toBe(before);
});

test("where nobody else is to be told, the program leaves and says so", () => {
  const exit = jest.spyOn(process, "exit").mockImplementation(() => undefined as never);
  const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  stops.push(leaveOnInterrupt());
  process.emit("SIGINT");
  expect(exit).toHaveBeenCalledWith(EXIT.interrupted);
  expect(write).toHaveBeenCalledWith("\ninterrupted; the same command goes on where it stopped\n");
});
