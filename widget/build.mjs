// Builds the widget: one file, named after its version. `node build.mjs [FOLDER]`; without a folder, what is committed.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
const folder = process.argv[2] ?? join(here, "..", "api", "static");

const minifiedText = {
  name: "minified-text",
  setup({ onLoad }) {
    // Templates without their indentation.
    onLoad({ filter: /src\/.*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/\n +/g, "\n"),
      loader: "ts",
    }));
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const common = {
  absWorkingDir: here,
  bundle: true,
  charset: "utf8",
  conditions: ["production"],
  legalComments: "none",
  minify: true,
  plugins: [minifiedText],
  target: "es2022",
};

await build({
  ...common,
  banner: { js: `/* bma-chat ${version}, EUPL-1.2. Lit, BSD-3-Clause, Copyright 2017 Google LLC. */` },
  entryPoints: ["src/bma-chat.ts"],
  format: "esm",
  outfile: join(folder, `bma-chat-${version}.js`),
});

// With a folder, the parts alone too, for the unit tests.
if (process.argv[2]) {
  await build({ ...common, entryPoints: ["src/parts.ts"], format: "iife", globalName: "BmaParts", outfile: join(folder, "parts.js") });
}
