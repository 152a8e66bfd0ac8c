import { hasSavedData, Inventory, lossesOf, RESETTABLE } from "../../../scripts/class/reset-lab";

const full: Inventory = {
  kafka: { events: 40, mine: 1 },
  hdfs: { files: 31, bytes: 3 * 1024 * 1024 },
  tables: ["default.purchases", "default.purchases2"],
};

test("each service says what goes with it", () => {
  const losses = Object.fromEntries(RESETTABLE.map((name) => [name, lossesOf(name, full)]));
  expect(losses).toEqual({
    zookeeper: [expect.stringContaining("topics and events stay")],
    kafka: [
      "2 topics: events (40 events), mine (1 event)",
      "the offsets of consumer groups",
      expect.stringContaining("begin it afresh"),
    ],
    cloudera: ["31 files in HDFS, 3.0 MiB", "2 tables: default.purchases, default.purchases2"],
    spark: [expect.stringContaining("outside of /w205")],
    presto: [],
    mids: [expect.stringContaining("outside of /w205")],
    superset: [expect.stringContaining("saved in Superset")],
    home: [],
  });
});

test("a service that does not answer loses all, and that is said", () => {
  const nothing: Inventory = { kafka: null, hdfs: null, tables: null };
  expect(lossesOf("kafka", nothing)[0]).toContain("Kafka does not answer");
  expect(lossesOf("cloudera", nothing).join()).toMatch(/HDFS \(it does not answer.*the metastore does not answer/);
});

test("only what a save keeps is saved before", () => {
  expect(RESETTABLE.filter(hasSavedData)).toEqual(["zookeeper", "kafka", "cloudera"]);
});
