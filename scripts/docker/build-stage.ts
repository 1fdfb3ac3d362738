import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { readPairs, readWords, type Instruction, type Stage } from "./parse-dockerfile.ts";

/** A stage as its instructions left it. */
export interface BuiltStage {
  /** Folder that stands for `/`. */
  readonly root: string;
  workdir: string;
  env: Record<string, string>;
  user: string;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

/** What every stage is built with. */
export interface Build {
  /** Path of the Dockerfile, for messages. */
  readonly dockerfile: string;
  /** The build context's folder and its files. */
  readonly context: string;
  readonly files: readonly string[];
  /** Empty folder that takes the stages. */
  readonly folder: string;
  /** Environment of the base image. */
  readonly env: Readonly<Record<string, string>>;
  readonly stages: Map<string, BuiltStage>;
}

/** Where a COPY reads and writes. */
interface CopyStep {
  readonly sources: readonly string[];
  readonly destination: string;
  /** Folder that stands for `/` of the stage being built. */
  readonly root: string;
  readonly workdir: string;
}

/** Path in the stage's folder of a path as the Dockerfile writes it. */
function target({ root, workdir, destination }: CopyStep): string {
  return join(root, posix.resolve(workdir, destination));
}

/** Copies files of the build context; throws when a source is not in it. */
export function copyFromContext(step: CopyStep, context: string, files: readonly string[]): number {
  const { sources, destination } = step;
  let copied = 0;
  for (const source of sources) {
    const path = posix.normalize(source).replace(/\/$/, "");
    const isFile = files.includes(path);
    const found = isFile
      ? [path]
      : files.filter((file) => path === "." || file.startsWith(`${path}/`));
    if (found.length === 0) throw new Error(`COPY: "${source}" is not in the build context`);
    const intoFolder = destination.endsWith("/") || sources.length > 1;
    for (const file of found) {
      // Of a folder its content is copied, without the folder itself.
      const inside = isFile
        ? intoFolder
          ? basename(file)
          : ""
        : file.slice(path === "." ? 0 : path.length + 1);
      const to = join(target(step), inside);
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(context, file), to);
      copied += 1;
    }
  }
  return copied;
}

/** Copies out of an earlier stage, symbolic links as they are; throws when a source is not there. */
function copyFromStage(step: CopyStep, stageRoot: string): void {
  for (const source of step.sources) {
    const from = join(stageRoot, posix.resolve("/", source));
    if (!existsSync(from)) throw new Error(`COPY: "${source}" is not in the earlier stage`);
    cpSync(from, target(step), { recursive: true, verbatimSymlinks: true });
  }
}

function runShell(stage: BuiltStage, { rest }: Instruction, build: Build): void {
  // There is no container around the shell: a path outside the stage's folder would be the machine's own.
  if (/(?:^|[\s"'=])(?:\/|~|\.\.\/)/.test(rest)) {
    throw new Error("RUN may name paths below WORKDIR only, or it cannot be replayed");
  }
  const cwd = join(stage.root, stage.workdir);
  const env = { ...build.env, ...stage.env };
  const { status } = spawnSync("sh", ["-c", rest], { cwd, env, stdio: "inherit" });
  if (status !== 0) throw new Error(`RUN ended with code ${status}`);
}

function copy(stage: BuiltStage, { rest, flags }: Instruction, build: Build): string {
  const words = rest.split(/\s+/);
  const destination = words.pop() ?? "";
  const step = { sources: words, destination, root: stage.root, workdir: stage.workdir };
  const unknown = Object.keys(flags).find((flag) => flag !== "from");
  if (unknown !== undefined) throw new Error(`COPY --${unknown} is not understood`);
  if (flags["from"] === undefined) {
    return `${copyFromContext(step, build.context, build.files)} files`;
  }
  const earlier = build.stages.get(flags["from"]);
  if (earlier === undefined) throw new Error(`COPY: there is no stage "${flags["from"]}"`);
  copyFromStage(step, earlier.root);
  return `from stage ${flags["from"]}`;
}

function step(stage: BuiltStage, instruction: Instruction, build: Build): string {
  const { keyword, rest } = instruction;
  switch (keyword) {
    case "WORKDIR":
      stage.workdir = posix.resolve(stage.workdir, rest);
      mkdirSync(join(stage.root, stage.workdir), { recursive: true });
      return "";
    case "ENV":
      Object.assign(stage.env, readPairs(rest));
      return "";
    case "COPY":
      return copy(stage, instruction, build);
    case "RUN":
      runShell(stage, instruction, build);
      return "";
    case "USER":
      stage.user = rest;
      return "";
    case "ENTRYPOINT":
      stage.entrypoint = readWords(instruction);
      return "";
    case "CMD":
      stage.command = readWords(instruction);
      return "";
    case "HEALTHCHECK":
      stage.healthcheck = readWords(instruction);
      return "";
    // What a build is told is for its labels alone.
    case "ARG":
    case "EXPOSE":
    case "LABEL":
      return "";
    default:
      throw new Error(`${keyword} is not understood`);
  }
}

/** Carries out the instructions of one stage; the first that fails is named with its line. */
export function buildStage({ name, instructions }: Stage, build: Build): BuiltStage {
  const root = join(build.folder, name);
  mkdirSync(root);
  const stage: BuiltStage = {
    root,
    workdir: "/",
    env: {},
    user: "",
    entrypoint: [],
    command: [],
    healthcheck: [],
  };
  for (const instruction of instructions) {
    const { line, keyword, rest } = instruction;
    try {
      console.log(`[${name}] ${keyword} ${rest.slice(0, 100)}`);
      const note = step(stage, instruction, build);
      if (note !== "") console.log(`    ${note}`);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${build.dockerfile}:${line}: ${reason}`, { cause });
    }
  }
  return stage;
}
