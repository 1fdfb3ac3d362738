import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { WorkspaceCopy } from "./workspace-copy.ts";

/** The path of a file that models are added from. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/add-model/${name}`, import.meta.url));

/** A table of leaves with their species. */
export const LEAVES = fixture("leaves.csv");

const STAGING = ".adding-";

/** Adds a model to a copy of the workspace, as `pnpm models:add` does. */
export const addTo = (workspace: WorkspaceCopy, ...args: string[]) =>
  workspace.run("packages/add-model/src/main.ts", args);

/** Everything that the command could have written, without the staging folders of other commands that run meanwhile. */
export async function written(workspace: WorkspaceCopy) {
  const found = await readdir(workspace.file("models"), { recursive: true });
  const paths = found.filter((path) => !path.startsWith(STAGING));
  const contracts = await readdir(workspace.file("packages/schema/src/contracts"));
  const index = await readFile(workspace.file("packages/schema/src/contracts/index.ts"), "utf8");
  const root = await readdir(workspace.path);
  return { paths: paths.toSorted(), contracts: contracts.toSorted(), index, root: root.toSorted() };
}

/** Staging folders that are left in the repository. */
export async function staged(workspace: WorkspaceCopy): Promise<string[]> {
  return (await readdir(workspace.file("models"))).filter((name) => name.startsWith(STAGING));
}
