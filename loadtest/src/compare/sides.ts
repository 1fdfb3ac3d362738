import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { peerNamed, type Peer } from "../harness/peers.ts";
import { ownEnvironment, ROOT } from "../settings.ts";
import type { CallTarget } from "./call-targets.ts";

/** One of the two servers of a pair. */
export interface Side {
  readonly name: "base" | "head";
  /** What runs, for the report. */
  readonly title: string;
  readonly peer: Peer;
}

type Variables = Readonly<Record<string, string>>;

/** Sepal as it starts in this checkout, with variables of its own. */
export function sepalHere(variables: Variables): Peer {
  const peer = peerNamed("sepal-rest");
  return { ...peer, variables: (port) => ({ ...peer.variables?.(port), ...variables }) };
}

/** Sepal of another checkout, on the Node that it pins and with its own models. */
export function sepalIn(root: string, variables: Variables): Peer {
  return {
    ...peerNamed("sepal-rest"),
    node: `${root}node_modules/node/bin/node`,
    command: () => ["--single-threaded-gc", `${root}apps/api/src/main.ts`],
    variables: (port) => ({ PORT: String(port), MODELS_DIR: `${root}models`, ...variables }),
  };
}

/** Bare `node:http` with a canned response. */
export function bareHttp(): Peer {
  return peerNamed("floor");
}

/** The server of a side as a target sends to it. The floor has one path and gets the target's bytes there. */
export function peerAt({ peer, name }: Side, target: CallTarget): Peer {
  return {
    ...peer,
    name: `${name}-${target.name}`,
    endpoint: (workload) => {
      const endpoint = target.endpoint(workload);
      return peer.kind === "floor" ? { ...endpoint, path: "/predict" } : endpoint;
    },
  };
}

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
