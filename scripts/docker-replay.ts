import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { buildStage, type Build, type BuiltStage } from "./docker/build-stage.ts";
import { contextFiles, readIgnoreRules } from "./docker/ignore-rules.ts";
import { parseDockerfile, type Stage } from "./docker/parse-dockerfile.ts";
import { API_USE, PLAYGROUND_USE, tryImage, type ImageUse } from "./docker/try-image.ts";

/** Variables of the machine that a build needs to reach the network, as Docker passes them too. */
const NETWORK = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"];

/** An image that is tried. */
interface Image {
  readonly dockerfile: string;
  readonly ignore: string;
  /** Most megabytes on top of the base image; more means that it has a package that is not needed. */
  readonly maxMegabytes: number;
  readonly use: ImageUse;
}

const IMAGES: Readonly<Record<string, Image>> = {
  api: { dockerfile: "Dockerfile", ignore: ".dockerignore", maxMegabytes: 100, use: API_USE },
  playground: {
    dockerfile: "deploy/playground.Dockerfile",
    ignore: "deploy/playground.Dockerfile.dockerignore",
    maxMegabytes: 330,
    use: PLAYGROUND_USE,
  },
};

/** Puts the running Node where the base image's would be, and returns the environment to find it. */
function standInForNode(folder: string): Record<string, string> {
  const bin = join(folder, "base", "bin");
  const home = join(folder, "base", "home");
  mkdirSync(bin, { recursive: true });
  mkdirSync(home);
  // A copy: the workspace's own may lie where an unprivileged user cannot reach.
  copyFileSync(process.execPath, join(bin, "node"));
  chmodSync(join(bin, "node"), 0o755);
  const machine = (process.env["PATH"] ?? "").split(":");
  const path = [bin, ...machine.filter((entry) => !entry.includes("node_modules"))].join(":");
  const network = NETWORK.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { PATH: path, HOME: home, ...Object.fromEntries(network) };
}

/** Compares every stage's base image with the Node that is used instead of it. */
function requireSameNode(stages: readonly Stage[]): void {
  for (const { name, base } of stages) {
    if (!base.startsWith(`node:${process.versions.node}-`)) {
      throw new Error(
        `stage ${name} begins with ${base}; the workspace pins Node ${process.versions.node}`,
      );
    }
  }
}

/** Bytes of all files below a folder; symbolic links count as themselves. */
function folderSize(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? folderSize(path) : lstatSync(path).size;
  }
  return bytes;
}

async function replay({ dockerfile, ignore, maxMegabytes, use }: Image, folder: string) {
  const stages = parseDockerfile(readFileSync(dockerfile, "utf8"));
  requireSameNode(stages);
  console.log(`No Docker engine is used: the steps of ${dockerfile} are replayed in an empty folder.
The base image ${stages[0]?.base} is not there; the workspace's Node ${process.versions.node} and this machine's npm and shell stand in for it.`);
  const build: Build = {
    dockerfile,
    context: process.cwd(),
    files: contextFiles(".", readIgnoreRules(readFileSync(ignore, "utf8"))),
    folder,
    env: standInForNode(folder),
    stages: new Map(),
  };
  console.log(`[context] ${build.files.length} files`);
  let last: BuiltStage | undefined;
  for (const stage of stages) {
    last = buildStage(stage, build);
    build.stages.set(stage.name, last);
  }
  if (last === undefined) throw new Error("there is no stage");
  await tryImage(last, build.env, use);
  const megabytes = folderSize(last.root) / 1e6;
  console.log(`[size] ${megabytes.toFixed(1)} MB on top of the base image`);
  if (megabytes > maxMegabytes) throw new Error(`the image is over ${maxMegabytes} MB`);
}

/** Replays the steps of some images, one after the other; reports each. */
async function replayAll(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const image = IMAGES[name];
    if (image === undefined) continue;
    const folder = mkdtempSync(join(tmpdir(), "sepal-docker-"));
    chmodSync(folder, 0o755);
    try {
      await replay(image, folder);
      console.log(`ok  docker:replay ${name}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(`FAILED  docker:replay ${name}: ${reason}`);
      process.exitCode = 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** The command `docker:replay`. */
export function dockerReplayCommand(): Command {
  const command = newCommand(
    "docker:replay",
    "Carries out the steps of the Dockerfiles in empty folders, without a Docker engine. Needs the network.",
  );
  const names = Object.keys(IMAGES);
  const images = command.createArgument("[images...]", "the images to try").choices(names);
  return command.addArgument(images.default(names, "all")).action(replayAll);
}

if (import.meta.main) await runCommand(dockerReplayCommand());
