/** Unit tests: all of test/ that needs no Docker. */
module.exports = {
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts", "**/*.test.mts"],
  moduleFileExtensions: ["ts", "mts", "js", "mjs", "json"],
  // The scripts are ES modules; Jest loads CommonJS, so they are handed to it as such.
  transform: {
    "^.+\\.m?[jt]s$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
};
