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
const EVALUATED = { name: "evaluator", reason: "bit-equal" } as const;
const line = (number: number) => `${key(number)} ${JSON.stringify(EVALUATED)}\n`;
const file = () => join(folder, "probed-versions");

test("what has passed is known after a restart, in a file that only its owner reads", async () => {
  const first = new ProbedVersions(folder);
  expect(first.get(key(1))).toBeUndefined();
  first.set(key(1), EVALUATED);
  first.set(key(1), EVALUATED);
  expect(first.get(key(1))).toEqual(EVALUATED);
  expect(new ProbedVersions(folder).get(key(1))).toEqual(EVALUATED);
  expect(await readFile(file(), "utf8")).toBe(line(1));
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("ignores a line that is no key with an engine", async () => {
  new ProbedVersions(folder).set(key(1), EVALUATED);
  const torn = [line(2).slice(1), "\n", line(3).replace("}", ""), `${key(4)} {"name":"x"}\n`];
  await appendFile(file(), `${torn.join("")}${key(5)}\n${line(6)}`);
  const again = new ProbedVersions(folder);
  const known = [1, 2, 3, 4, 5, 6].filter((number) => again.get(key(number)) !== undefined);
  expect(known).toEqual([1, 6]);
});

test("the oldest go when there are more than a thousand", async () => {
  new ProbedVersions(folder);
  await writeFile(file(), Array.from({ length: 1500 }, (_, index) => line(index)).join(""));
  const { size } = new ProbedVersions(folder);
  expect(size).toBe(1000);
  const kept = (await readFile(file(), "utf8")).trimEnd().split("\n");
  expect([kept.length, `${kept[0]}\n`, `${kept.at(-1)}\n`]).toEqual([1000, line(500), line(1499)]);
});

test("without a folder that can be written, what has passed is known to this process alone", async () => {
  await writeFile(folder, "a file");
  const faults: unknown[] = [];
  const probed = new ProbedVersions(folder, (error) => faults.push(error));
  probed.set(key(1), EVALUATED);
  expect(probed.get(key(1))).toEqual(EVALUATED);
  expect(faults.length).toBeGreaterThan(0);
});
