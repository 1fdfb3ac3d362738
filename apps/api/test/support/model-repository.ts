import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const models = fileURLToPath(new URL("../../../../models", import.meta.url));
const fixtures = fileURLToPath(new URL("../fixtures", import.meta.url));

/** A model repository of the test's own, removed with it. */
export interface TestRepository extends AsyncDisposable {
  readonly path: string;
  /** Path of a file in it. */
  file(...names: string[]): string;
}

/** An empty folder. */
export async function emptyRepository(): Promise<TestRepository> {
  const path = await mkdtemp(join(tmpdir(), "sepal-models-"));
  return {
    path,
    file: (...names) => join(path, ...names),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A copy of the iris models that Sepal comes with. */
export async function copyOfModels(): Promise<TestRepository> {
  const repository = await emptyRepository();
  const folders = ["iris-forest", "iris-logistic", "iris-mlp", "datasets"];
  await Promise.all(
    folders.map((name) => cp(join(models, name), repository.file(name), { recursive: true })),
  );
  return repository;
}

/** Copies a model of the repository under another name. */
export async function copyModel(
  repository: TestRepository,
  from: string,
  to: string,
): Promise<void> {
  await cp(repository.file(from), repository.file(to), { recursive: true });
  await edit(repository.file(to, "1", "manifest.json"), (manifest) => ({
    ...manifest,
    model_name: to,
  }));
}

/** Rewrites a JSON file. */
export async function edit(
  path: string,
  change: (value: Record<string, unknown>) => unknown,
): Promise<void> {
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, "utf8")))));
}

/** Bytes of a model of `fixtures/`. */
export function fixture(name: string): Promise<Buffer> {
  return readFile(join(fixtures, name));
}

/** What `golden.json` holds. */
interface Golden {
  readonly groups: readonly {
    readonly name: string;
    readonly features: readonly (readonly number[])[];
    readonly class: readonly number[];
    readonly proba: readonly (readonly number[])[];
  }[];
}

/** Golden rows that every model of `fixtures/` answers right. */
export const FIXTURE_GOLDEN: Golden = {
  groups: [
    { name: "by hand", features: [[5.1, 3.5, 1.4, 0.2]], class: [0], proba: [[0.75, 0.25, 0]] },
  ],
};

interface VersionParts {
  readonly model: string;
  readonly version: string;
  readonly onnx?: Uint8Array;
  readonly golden?: Golden;
}

function sum(bytes: Uint8Array) {
  return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
}

/** Replaces files of a version, or adds one made from the model's version 1, with true checksums in its manifest. */
export async function writeVersion(
  repository: TestRepository,
  { model, version, onnx, golden }: VersionParts,
): Promise<void> {
  const first = (name: string) => readFile(repository.file(model, "1", name));
  const manifest = JSON.parse(String(await first("manifest.json")));
  const modelBytes = onnx ?? (await first("model.onnx"));
  const goldenBytes = golden ? Buffer.from(JSON.stringify(golden)) : await first("golden.json");
  const files = { "model.onnx": sum(modelBytes), "golden.json": sum(goldenBytes) };
  const target = repository.file(model, version, "manifest.json");
  await mkdir(dirname(target), { recursive: true });
  await writeFile(repository.file(model, version, "model.onnx"), modelBytes);
  await writeFile(repository.file(model, version, "golden.json"), goldenBytes);
  await writeFile(target, JSON.stringify({ ...manifest, version, files }));
}
