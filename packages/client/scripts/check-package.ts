import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import {
  filterProblems,
  problemAffectsResolutionKind,
  problemKindInfo,
} from "@arethetypeswrong/core/problems";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Packs the client as it would be published. */
async function pack(into: string): Promise<Buffer<ArrayBuffer>> {
  execFileSync("pnpm", ["pack", "--pack-destination", into], { cwd: root, stdio: "pipe" });
  const name = (await readdir(into)).find((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error("pnpm pack wrote no tarball");
  return readFile(join(into, name));
}

/** What publint has to say of how the package is published. */
async function publishing(tarball: Buffer<ArrayBuffer>): Promise<string[]> {
  const { buffer, byteOffset, byteLength } = tarball;
  const pack = { tarball: buffer.slice(byteOffset, byteOffset + byteLength) };
  const { messages, pkg } = await publint({ pack, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`);
}

/** What attw has to say of how compilers find the types; the package is ESM alone, so CommonJS has none. */
async function types(tarball: Buffer<ArrayBuffer>): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (analysis.types === false) return ["attw: the package has no types"];
  return filterProblems(analysis, {})
    .filter((problem) =>
      (["node16-esm", "bundler"] as const).some((kind) =>
        problemAffectsResolutionKind(problem, kind, analysis),
      ),
    )
    .map(({ kind, ...where }) => `attw: ${problemKindInfo[kind].title} ${JSON.stringify(where)}`);
}

const into = await mkdtemp(join(tmpdir(), "sepal-client-"));
try {
  const tarball = await pack(into);
  const found = [...(await publishing(tarball)), ...(await types(tarball))];
  for (const line of found) process.stdout.write(`${line}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await rm(into, { recursive: true, force: true });
}
