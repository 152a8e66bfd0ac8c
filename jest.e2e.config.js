const unit = require("./jest.config");

/** Tests that deploy for real, one after the other: they share this machine's Docker, ports and memory. */
module.exports = {
  ...unit,
  testMatch: ["**/*.e2e.ts"],
  maxWorkers: 1,
  testTimeout: 20 * 60 * 1000,
  verbose: true,
};
