import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ownEnvironment, ROOT } from "../settings.ts";
import { onPath } from "./host.ts";
import { reasonOf } from "./python-environment.ts";

const run = promisify(execFile);

const SOURCES = `${ROOT}loadtest/peers/rust`;
const TARGET = `${ROOT}node_modules/.cache/rust-peer`;

/** Program of the Rust peer, which {@link ensureRustBuild} builds. */
export const RUST_PROGRAM = `${TARGET}/release/iris-forest`;

/** The ONNX Runtime library that `onnxruntime-node` ships for this machine; null where it ships none. */
export function onnxRuntimeLibrary(): string | null {
  const entry = createRequire(import.meta.url).resolve("onnxruntime-node");
  const folder = join(dirname(entry), `../bin/napi-v*/${process.platform}/${process.arch}`);
  return globSync(`${folder}/libonnxruntime.{so.1,*.dylib}`)[0] ?? null;
}

/**
 * Builds the Rust peer from its pinned crates, unless it is up to date.
 * Returns the reason when it cannot be built, else null.
 */
export async function ensureRustBuild(): Promise<string | null> {
  if (!onPath("cargo", "--version")) return "cannot be built: cargo is not installed";
  if (onnxRuntimeLibrary() === null) {
    return `cannot be started: onnxruntime-node ships no library for ${process.platform} on ${process.arch}`;
  }
  try {
    if (!existsSync(RUST_PROGRAM)) console.log("building the Rust peer ...");
    await run("cargo", ["build", "--release", "--locked", "--quiet"], {
      cwd: SOURCES,
      env: ownEnvironment({ CARGO_TARGET_DIR: TARGET }),
      maxBuffer: 2 ** 26,
    });
    return null;
  } catch (error) {
    return `cannot be built: ${reasonOf(error)}`;
  }
}

/** Pinned versions of the crates that matter. */
export function rustVersions(): Record<string, string> {
  const manifest = readFileSync(`${SOURCES}/Cargo.toml`, "utf8");
  const pins = manifest.matchAll(/^(axum|ort|tokio) = \{ version = "=([^"]+)"/gm);
  return Object.fromEntries([...pins].map(([, crate = "", version = ""]) => [crate, version]));
}
