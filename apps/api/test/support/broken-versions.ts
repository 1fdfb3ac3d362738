import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { edit, fixture, FIXTURE_GOLDEN, writeVersion } from "./model-repository.ts";
import type { TestRepository } from "./model-repository.ts";

/** One way a copy of a good model can be broken, and what the server then says of it. */
export interface Breakage {
  /** Also the name of the model that is broken so. */
  readonly name: string;
  /** Empty where the model's folder itself cannot be read. */
  readonly version: string;
  readonly reason: RegExp;
  readonly damage: (repository: TestRepository) => Promise<void>;
}

type Manifest = Readonly<Record<string, unknown>>;

function broken(
  name: string,
  reason: RegExp,
  damage: (repository: TestRepository) => Promise<void>,
): Breakage {
  return { name, version: "1", reason, damage };
}

function manifest(name: string, reason: RegExp, change: (manifest: Manifest) => unknown): Breakage {
  return broken(name, reason, (repository) =>
    edit(repository.file(name, "1", "manifest.json"), change),
  );
}

/** Every way to break a copy of `iris-logistic`. */
export const BREAKAGES: readonly Breakage[] = [
  broken(
    "truncated",
    /^checksum of model\.onnx is [\da-f]{12}…, its manifest says [\da-f]{12}… \(200 of \d+ bytes\)$/,
    (repository) => truncate(repository.file("truncated", "1", "model.onnx"), 200),
  ),
  broken(
    "truncated-and-signed",
    /^it is not a protobuf message: the bytes end within field /,
    async (repository) => {
      const onnx = await readFile(repository.file("truncated-and-signed", "1", "model.onnx"));
      const half = onnx.subarray(0, 200);
      await writeVersion(repository, { model: "truncated-and-signed", version: "1", onnx: half });
    },
  ),
  broken(
    "wrong-shape",
    /^inputs of the model file: features FP32 \[-1, 5\]; expected: features FP32 \[-1, 4\]$/,
    async (repository) => {
      const onnx = await fixture("five-features.onnx");
      await writeVersion(repository, { model: "wrong-shape", version: "1", onnx });
    },
  ),
  manifest(
    "wrong-checksum",
    /^checksum of model\.onnx is [\da-f]{12}…, its manifest says 000000000000… /,
    (value) => {
      const files = Object(value["files"]);
      const sha256 = "0".repeat(64);
      return { ...value, files: { ...files, "model.onnx": { ...files["model.onnx"], sha256 } } };
    },
  ),
  broken(
    "wrong-class",
    /^golden row 0 \(5\.1, 3\.5, 1\.4, 0\.2\): class 0 where the trainer says 2$/,
    async (repository) => {
      const groups = FIXTURE_GOLDEN.groups.map((group) => ({ ...group, class: [2] }));
      await writeVersion(repository, { model: "wrong-class", version: "1", golden: { groups } });
    },
  ),
  broken(
    "wrong-probability",
    /^golden row 0 \(5\.1, 3\.5, 1\.4, 0\.2\): probability of class 0 is [\d.]+ where the trainer says 0\.75$/,
    (repository) =>
      writeVersion(repository, {
        model: "wrong-probability",
        version: "1",
        golden: FIXTURE_GOLDEN,
      }),
  ),
  broken("no-golden-rows", /^the version has no golden rows$/, (repository) =>
    writeVersion(repository, { model: "no-golden-rows", version: "1", golden: { groups: [] } }),
  ),
  broken("no-golden-file", /^ENOENT \(open\)$/, (repository) =>
    rm(repository.file("no-golden-file", "1", "golden.json")),
  ),
  broken("no-model-file", /^ENOENT \(open\)$/, (repository) =>
    rm(repository.file("no-model-file", "1", "model.onnx")),
  ),
  broken("half-written", /^its default version "1" does not exist$/, (repository) =>
    rm(repository.file("half-written", "1", "manifest.json")),
  ),
  broken("torn-manifest", /^manifest\.json is not JSON$/, (repository) =>
    writeFile(repository.file("torn-manifest", "1", "manifest.json"), '{"format":1,'),
  ),
  manifest("other-format", /^manifest\.json: .*format/, (value) => ({ ...value, format: 2 })),
  manifest("misnamed", /^manifest is of iris-mlp 1, not of misnamed 1$/, (value) => ({
    ...value,
    model_name: "iris-mlp",
  })),
  manifest("renamed-feature", /^features are stem_length, .*; the contract has sepal_/, (value) => {
    const [first, ...others] = Object.values(Object(value["features"]));
    return { ...value, features: [{ ...Object(first), name: "stem_length" }, ...others] };
  }),
  broken("unknown-contract", /^there is no contract "rose"$/, async (repository) => {
    const rose = (value: object) => ({ ...value, contract: "rose" });
    await edit(repository.file("unknown-contract", "model.json"), rose);
    await edit(repository.file("unknown-contract", "1", "manifest.json"), rose);
  }),
  broken("prototype-contract", /^there is no contract "constructor"$/, async (repository) => {
    const constructor = (value: object) => ({ ...value, contract: "constructor" });
    await edit(repository.file("prototype-contract", "model.json"), constructor);
    await edit(repository.file("prototype-contract", "1", "manifest.json"), constructor);
  }),
  broken("two-contracts", /^manifest names contract rose, model\.json iris$/, (repository) =>
    edit(repository.file("two-contracts", "1", "manifest.json"), (value) => ({
      ...value,
      contract: "rose",
    })),
  ),
  {
    name: "torn-model-json",
    version: "",
    reason: /^model\.json is not JSON$/,
    damage: (repository) => writeFile(repository.file("torn-model-json", "model.json"), "{"),
  },
];
