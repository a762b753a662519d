// What bin/check says about the scripts the portal serves and about their tests.
import js from "@eslint/js";
import stylistic from "@stylistic/eslint-plugin";
import globals from "globals";

const shape = {
  "@stylistic/indent": ["error", 2, { SwitchCase: 1 }],
  "@stylistic/semi": "error",
  "@stylistic/quotes": ["error", "double", { avoidEscape: true }],
  "@stylistic/max-len": ["error", { code: 160 }],
  "@stylistic/comma-dangle": ["error", "always-multiline"],
  "@stylistic/arrow-parens": "error",
  "@stylistic/brace-style": "error",
  "@stylistic/eol-last": "error",
  "@stylistic/no-trailing-spaces": "error",
  "@stylistic/no-multiple-empty-lines": ["error", { max: 1 }],
  "@stylistic/object-curly-spacing": ["error", "always"],
  "@stylistic/keyword-spacing": "error",
  "@stylistic/space-infix-ops": "error",
  "@stylistic/space-before-blocks": "error",
};

const sense = {
  eqeqeq: "error",
  "no-var": "error",
  "prefer-const": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-implicit-globals": "error",
  "no-shadow": "error",
  "no-unused-expressions": ["error", { allowShortCircuit: true, allowTernary: true }],
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
  "no-console": "error",
  "max-lines": ["error", 400],
  "max-lines-per-function": "off",
  complexity: ["error", 20],
};

export default [
  { ignores: ["var/**", "node_modules/**", ".venv/**"] },
  js.configs.recommended,
  { plugins: { "@stylistic": stylistic }, rules: { ...shape, ...sense } },
  {
    // Classic scripts without a bundler: each is one closed function, and app.js hands out `portal`.
    files: ["static/js/**/*.js"],
    languageOptions: {
      sourceType: "script",
      ecmaVersion: 2022,
      globals: {
        ...globals.browser,
        portal: "readonly",
        portalCharts: "readonly",
        htmx: "readonly",
        echarts: "readonly",
        echartsVectors: "readonly",
        SignaturePad: "readonly",
      },
    },
  },
  {
    // What the build makes one file of for the browser.
    files: ["bin/frontend/*.js"],
    languageOptions: { sourceType: "module", ecmaVersion: 2022, globals: globals.browser },
  },
  {
    // Modules that esbuild bundles with their packages: what works on site without a network.
    files: ["static/js/onsite/**/*.mjs"],
    languageOptions: { sourceType: "module", ecmaVersion: 2022, globals: { ...globals.browser, ...globals.serviceworker, portal: "readonly" } },
  },
  {
    files: ["tests/js/**/*.mjs", "*.mjs"],
    languageOptions: { sourceType: "module", ecmaVersion: 2022, globals: globals.node },
  },
];
