// Runs the README's tour against a running Moim and compares what it prints with what the README
// shows. What differs from run to run is masked: ids, positions, times, and numbers in lines that
// are no JSON.
//
//   node infra/lib/tour.mjs [--update]     MOIM_URL=http://127.0.0.1:8080
//
// --update writes the real output into the README.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = `${root}/README.md`;
const url = process.env.MOIM_URL ?? "http://127.0.0.1:8080";
const text = readFileSync(readme, "utf8");
const timeoutMs = 240_000;
const mark = "@@ end of block @@";

// A block of commands, and the output that follows it, if the README shows one.
const steps = [...text.matchAll(/```sh tour\n([^]*?)```(?:\n\n```text\n([^]*?)```)?/g)].map(
  ([whole, commands, shown]) => ({ whole, commands, shown }),
);

const script = steps
  .map(({ commands }) => commands.replaceAll("http://127.0.0.1:8080", url))
  .map((commands) => `${commands}\necho; echo '${mark}'\n`)
  .join("");
const run = spawnSync("bash", ["-c", `set -euo pipefail\n${script}`], {
  cwd: root,
  encoding: "utf8",
  timeout: timeoutMs,
});
const printed = run.stdout.split(`${mark}\n`).slice(0, -1).map((part) => part.trim());

const mask = (output) =>
  output
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/g, "<time>")
    .replaceAll(/"position":"[\w-]+"/g, '"position":"<position>"')
    .replaceAll(/^[^{].*$/gm, (line) => line.replaceAll(/\d[\d.]*/g, "<number>"))
    .trim();

let failed = printed.length === steps.length ? 0 : 1;
if (failed) console.error(`the tour stopped in block ${printed.length + 1}:\n${run.stderr}`);
let updated = text;
printed.forEach((output, index) => {
  const { whole, commands, shown } = steps[index];
  if (shown === undefined) return;
  const block = `\`\`\`sh tour\n${commands}\`\`\`\n\n\`\`\`text\n${output}\n\`\`\``;
  updated = updated.replace(whole, () => block);
  if (mask(shown) === mask(output)) return;
  failed += 1;
  console.error(`block ${index + 1} printed\n${output}\nwhere the README shows\n${shown}`);
});
if (process.argv.includes("--update")) writeFileSync(readme, updated);
console.log(`# README's tour\n# pass ${steps.length - failed}\n# fail ${failed}`);
process.exitCode = failed && !process.argv.includes("--update") ? 1 : 0;
