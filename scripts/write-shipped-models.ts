import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeGenerated } from "./generated-file.ts";

// Those that are committed: a model added in somebody's checkout is theirs.
const manifests = execFileSync("git", ["ls-files", "models/*/*/manifest.json"], {
  encoding: "utf8",
});
const digests = manifests
  .trim()
  .split("\n")
  .map((path) => createHash("sha256").update(readFileSync(path)).digest("hex"));

writeGenerated(
  "packages/model/src/shipped-models.ts",
  `/** SHA-256 of the manifest of every model in the repository of Sepal, whose data are public; \`pnpm fix\` writes it. */
export const SHIPPED_MODELS: ReadonlySet<string> = new Set([
${digests
  .toSorted()
  .map((digest) => `  "${digest}",\n`)
  .join("")}]);
`,
);
