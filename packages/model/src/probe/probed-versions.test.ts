import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProbedVersions } from "./probed-versions.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "sepal-probed-")), "data");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const key = (number: number) => number.toString(16).padStart(64, "0");
const file = () => join(folder, "probed-versions");

test("what has passed is known after a restart, in a file that only its owner reads", async () => {
  const first = new ProbedVersions(folder);
  expect(first.has(key(1))).toBe(false);
  first.add(key(1));
  first.add(key(1));
  expect(first.has(key(1))).toBe(true);
  expect(new ProbedVersions(folder).has(key(1))).toBe(true);
  expect(await readFile(file(), "utf8")).toBe(`${key(1)}\n`);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("a line that is no key counts for nothing", async () => {
  new ProbedVersions(folder).add(key(1));
  await appendFile(file(), `${key(2).slice(1)}\n\n${key(3)}x\n${key(4)}\n`);
  const again = new ProbedVersions(folder);
  expect([1, 2, 3, 4].map((number) => again.has(key(number)))).toEqual([true, false, false, true]);
});

test("the oldest go when there are more than a thousand", async () => {
  new ProbedVersions(folder);
  await writeFile(file(), Array.from({ length: 1500 }, (_, index) => `${key(index)}\n`).join(""));
  const { size } = new ProbedVersions(folder);
  expect(size).toBe(1000);
  const kept = (await readFile(file(), "utf8")).trimEnd().split("\n");
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([1000, key(500), key(1499)]);
});

test("without a folder that can be written, what has passed is known to this process alone", async () => {
  await writeFile(folder, "a file");
  const faults: unknown[] = [];
  const probed = new ProbedVersions(folder, (error) => faults.push(error));
  probed.add(key(1));
  expect(probed.has(key(1))).toBe(true);
  expect(faults.length).toBeGreaterThan(0);
});
