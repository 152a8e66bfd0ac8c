const { mkdirSync } = require("node:fs");
const { join } = require("node:path");
const unit = require("./jest.config");

// For the results' file: jest makes no folder for it.
mkdirSync(join(__dirname, ".lab", "reports"), { recursive: true });

/** Tests that deploy for real, one after the other: they share this machine's Docker, ports and memory. */
module.exports = {
  ...unit,
  testMatch: ["**/*.e2e.ts"],
  maxWorkers: 1,
  testTimeout: 20 * 60 * 1000,
  verbose: true,
};
