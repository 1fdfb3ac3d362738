import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi } from "../../apps/api/test/support/api-process.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

const isThere =
  spawnSync("java", ["-version"]).status === 0 &&
  spawnSync("python3", ["-c", "import sys, venv; sys.exit(sys.version_info < (3, 10))"]).status ===
    0;

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-spark-"));
  if (!isThere) return;
  await run("python3", ["-m", "venv", file("venv")]);
  const requirements = join(root, "examples/spark/requirements.txt");
  await run(file("venv/bin/python"), ["-m", "pip", "install", "-q", "-r", requirements]);
  await using api = await startApi();
  for (const name of ["iris", "penguins", "diabetes"]) {
    const response = await fetch(`${api.url}/contracts/${name}`);
    await writeFile(file(`${name}.json`), await response.text());
  }
}, 1_200_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The table of a contract thirty times, with an id, other headings, missing cells and bad ones. */
async function tableOf(name: string): Promise<string> {
  const text = await readFile(join(root, `models/datasets/${name}.csv`), "utf8");
  const [header = "", ...lines] = text.trim().split("\n");
  const rows = Array.from({ length: 30 }, () => lines).flat();
  const changed = rows.map((line, row) => {
    const cells = line.split(",").slice(0, -1);
    if (row % 101 === 100) cells[0] = "Atlantis";
    if (row % 103 === 102) cells[1] = "-4";
    if (row % 107 === 106) cells[cells.length - 1] = "2008.5";
    if (row % 53 === 52) cells[3] = "NA";
    return `${row},${cells.join(",")},"a, ""b"""`;
  });
  const headings = header.replace("bill_length_mm", "culmen_length_mm").split(",").slice(0, -1);
  return `id,${headings.join(",")},note\n${changed.join("\n")}\n`;
}

/** Rows of a result by their id, each a list of its cells behind the note, without the words of the error. */
function resultsOf(text: string): Map<string, (string | number)[]> {
  const lines = text.trim().split("\n").slice(1);
  return new Map(
    lines.map((line) => {
      const [, id = "", results = ""] = /^(\d+),.*"a, ""b""",(.*)$/.exec(line) ?? [];
      const cells = /^,+\S/.test(results) ? ["bad"] : results.split(",");
      // Spark writes as many digits as it pleases; equal is what is the same float32.
      return [
        id,
        cells.map((cell) =>
          cell === "" || Number.isNaN(Number(cell)) ? cell : Math.fround(Number(cell)),
        ),
      ];
    }),
  );
}

// Skipped where there is no Java 17 or no Python 3.10.
test.skipIf(!isThere).each([
  ["iris", "iris-forest"],
  ["penguins", "penguins-logistic"],
  ["diabetes", "diabetes-boosting"],
])("scores %s in Spark as score does", async (name, model) => {
  await writeFile(file(`${name}.csv`), await tableOf(name));
  const files = [
    "--contract",
    file(`${name}.json`),
    "--model",
    join(root, `models/${model}/1/model.onnx`),
  ];
  const script = join(root, "examples/spark/score.py");
  await run(file("venv/bin/python"), [script, ...files, file(`${name}.csv`), file(name)], {
    maxBuffer: 2 ** 24,
  });
  const parts = (await readdir(file(name))).filter((part) => part.endsWith(".csv"));
  const texts = await Promise.all(parts.map((part) => readFile(join(file(name), part), "utf8")));
  const found = new Map(texts.flatMap((text) => Array.from(resultsOf(text))));

  const args = [file(`${name}.csv`), file(`${name}.scored.csv`), "--model", model];
  await run(process.execPath, [join(root, "packages/score/src/main.ts"), ...args], { cwd: root });
  const expected = resultsOf(await readFile(file(`${name}.scored.csv`), "utf8"));
  expect(expected.size).toBeGreaterThan(1000);
  const bad = [...expected.values()].filter(([first]) => first === "bad");
  expect(bad.length).toBeGreaterThan(10);
  expect(found.size).toBe(expected.size);
  for (const [id, cells] of expected) expect(found.get(id), `row ${id}`).toEqual(cells);
});
