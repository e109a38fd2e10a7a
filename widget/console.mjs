// Copies the console's browser libraries and their licences, unchanged, from their npm packages. `node console.mjs [FOLDER]`;
// without a folder, to where the console serves them.
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? join(here, "..", "api", "console", "static");
const libraries = [
  { from: "htmx.org", name: "htmx", files: { "dist/htmx.min.js": "min.js", LICENSE: "LICENSE" } },
  { from: "chart.js", name: "chart", files: { "dist/chart.umd.min.js": "umd.min.js", "LICENSE.md": "LICENSE" } },
  // Part of chart.js's file.
  { from: "@kurkle/color", name: "kurkle-color", files: { "LICENSE.md": "LICENSE" } },
];

await mkdir(folder, { recursive: true });
for (const { from, name, files } of libraries) {
  const source = join(here, "node_modules", from);
  const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  for (const [file, ending] of Object.entries(files)) {
    await copyFile(join(source, file), join(folder, `${name}-${version}.${ending}`));
  }
}
