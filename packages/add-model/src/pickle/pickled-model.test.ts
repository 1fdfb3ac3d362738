import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pickleKind } from "./pickle-file.ts";

const script = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A pickle of protocol 2 that holds None. */
const PICKLE = Buffer.from("80024e2e", "hex");

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-pickled-"));
  await writeFile(file("flowers.csv"), "length,width,species\n1,2,a\n3,4,b\n");
  await writeFile(file("people.csv"), 'age,"sex ""m/f""",alone,label\n1,f,true,yes\n,m,false,no\n');
  for (const name of ["model.pkl", "model.joblib", "model.skops", "other.bin"]) {
    await writeFile(file(name), PICKLE);
  }
  await writeFile(file("model.onnx"), Buffer.from("0809", "hex"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command without a terminal and without a Python. */
function add(...args: string[]) {
  const env = { PATH: "", MODELS_DIR: file("models") };
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
    env,
    encoding: "utf8",
    cwd: folder,
  });
  return { status, stderr };
}

test.each([
  ["model.pkl", "pickle"],
  ["model.joblib", "pickle"],
  ["model.skops", "skops"],
  ["other.bin", "pickle"],
  ["model.onnx", undefined],
  ["nowhere", undefined],
])("takes %s for %s", async (name, kind) => {
  expect(await pickleKind(file(name))).toBe(kind);
});

test("does not open a pickle that nobody vouched for", async () => {
  const { status, stderr } = add("model.pkl", "--data", "flowers.csv");
  expect(status).toBe(1);
  expect(stderr).toContain(
    "model.pkl: opening a pickle runs the code that it holds, as you: where you trust who made it, give --unpickle\n",
  );
  expect(await readdir(folder)).not.toContain("models");
});

test.each([
  [
    "flowers.csv",
    "from skl2onnx.common.data_types import FloatTensorType\n",
    '  types = [("X", FloatTensorType([None, 2]))]\n',
  ],
  [
    "people.csv",
    "import BooleanTensorType, FloatTensorType, StringTensorType\n",
    String.raw`  types = [("age", FloatTensorType([None, 1])), ("sex \"m/f\"", StringTensorType([None, 1])), ("alone", BooleanTensorType([None, 1]))]`,
  ],
])("without a Python says the lines to run oneself, typed by %s", (data, imports, types) => {
  const { status, stderr } = add("model.joblib", "--data", data, "--unpickle");
  expect(status).toBe(1);
  expect(stderr).toContain("model.joblib: there is no Python that runs as python");
  expect(stderr).toContain(imports);
  expect(stderr).toContain(types);
  expect(stderr).toContain(
    '  open("model.onnx", "wb").write(to_onnx(model, initial_types=types).SerializeToString())\n',
  );
  expect(stderr).toContain("Nothing was written.\n");
});

test("names the Python that is not there", () => {
  const { stderr } = add(
    "model.skops",
    "--data",
    "flowers.csv",
    "--python",
    "/nowhere/python",
    "--unpickle",
  );
  expect(stderr).toContain("there is no Python that runs as /nowhere/python");
  expect(stderr).toContain("or name it with --python");
});
