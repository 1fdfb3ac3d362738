import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { ownEnvironment, ROOT } from "../settings.ts";

/** A commit of this repository in a folder of its own, installed. */
export interface Checkout {
  /** Ends with a slash. */
  readonly root: string;
  /** Short hash. */
  readonly commit: string;
}

const git = (...args: string[]) =>
  execFileSync("git", ["-C", ROOT, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();

function resolveCommit(given: string): string {
  try {
    return git("rev-parse", "--verify", "--end-of-options", `${given}^{commit}`);
  } catch {
    throw new Error(
      `--against: "${given}" is no commit of this repository; give a hash, a branch, a tag, or . for this checkout`,
    );
  }
}

/** Dependencies from the store of this machine; from the registry only what it lacks. */
function install(root: string): void {
  const env = ownEnvironment({ CI: "true" });
  const command = ["install", "--frozen-lockfile"];
  try {
    execFileSync("pnpm", [...command, "--offline"], { cwd: root, env, stdio: "ignore" });
  } catch {
    execFileSync("pnpm", command, { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] });
  }
}

/**
 * Puts the files of a commit below `folder` and installs its dependencies. The repository does not
 * learn of it: nothing stays behind when the folder is removed.
 */
export function checkOut(given: string, folder: string): Checkout {
  const hash = resolveCommit(given);
  const root = `${folder}/base/`;
  const archive = `${folder}/base.tar`;
  mkdirSync(root);
  git("archive", "--format=tar", `--output=${archive}`, hash);
  execFileSync("tar", ["-xf", archive, "-C", root]);
  rmSync(archive);
  install(root);
  return { root, commit: git("rev-parse", "--short", hash) };
}
