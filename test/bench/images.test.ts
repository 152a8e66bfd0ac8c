import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabImages, layersOf } from "../../bench/support/images";
import { SERVICE_NAMES } from "../../stacks/lab-stack";

test("all images of a lab are built, whatever this machine has: a base before what stands on it", () => {
  const out = mkdtempSync(join(tmpdir(), "images-"));
  try {
    const { names } = LabImages.synthesized(out);
    expect(names[0]).toBe("base");
    expect(names.indexOf("maven")).toBeLessThan(names.indexOf("kafka"));
    expect([...names].sort()).toEqual(["base", "maven", ...SERVICE_NAMES].sort());
  } finally {
    rmSync(out, { recursive: true });
  }
});

test("layers that two images share have one id", () => {
  const base = ["sha256:b 0", "<missing> 40", "<missing> 60"];
  const one = layersOf(["sha256:c 5", ...base]);
  const other = layersOf(["sha256:d 7", ...base]);
  expect(one.map(({ bytes }) => bytes)).toEqual([60, 40, 0, 5]);
  expect(one.slice(0, 3)).toEqual(other.slice(0, 3));
  expect(one[3]!.id).not.toBe(other[3]!.id);
});

test("layers of one size on different layers are different ones", () => {
  const [, over60] = layersOf(["<missing> 40", "<missing> 60"]);
  const [, over50] = layersOf(["<missing> 40", "<missing> 50"]);
  expect(over60!.id).not.toBe(over50!.id);
});
