import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setNamedLine } from "./credential-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-lines-"));
});
afterAll(() => rm(folder, { recursive: true }));

const names = Array.from({ length: 20 }, (_, index) => `caller-${String(index).padStart(2, "0")}`);

async function addAll(file: string) {
  await Promise.all(names.map((name) => setNamedLine(file, name, "value")));
  const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  expect(lines.toSorted()).toEqual(names.map((name) => `${name}:value`));
}

test("changes at once lose no line and leave no other file", async () => {
  const place = await mkdtemp(join(folder, "place-"));
  await addAll(join(place, "keys"));
  expect(await readdir(place)).toEqual(["keys"]);
});

test.each([
  ["of another machine", "1 another-host 5b9d"],
  ["that is empty", ""],
])("of changes at once one takes over an old lock %s", async (_name, text) => {
  const place = await mkdtemp(join(folder, "place-"));
  const file = join(place, "keys");
  await writeFile(`${file}.lock`, text);
  const old = new Date(Date.now() - 60_000);
  await utimes(`${file}.lock`, old, old);
  await addAll(file);
  expect(await readdir(place)).toEqual(["keys"]);
});
