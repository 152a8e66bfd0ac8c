import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["cdktf.out/", "labs/", ".lab/", ".venv/", "coverage/", "docs/"] },
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      curly: "error",
      "no-restricted-imports": [
        "error",
        {
          paths: ["@cdktf/provider-docker", "@cdktf/provider-digitalocean"].map((name) => ({
            name,
            message: `It loads every binding of the provider. Import ${name}/lib/<resource>.`,
          })),
        },
      ],
    },
  },
  {
    // What comes out of JSON.parse has no type there, and the compiler checks the rest.
    files: ["**/*.mjs"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  { files: ["*.config.js", "*.config.mjs"], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ["*.config.js"],
    languageOptions: { globals: { module: "readonly", require: "readonly" } },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  prettier,
);
