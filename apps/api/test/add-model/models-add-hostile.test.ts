import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTo, fixture, LEAVES, staged, written } from "../support/added-models.ts";
import {
  deepTree,
  harmless,
  loopsForever,
  readsFile,
  takesMemory,
} from "../support/hostile-onnx.ts";
import { copyWorkspace, type WorkspaceCopy } from "../support/workspace-copy.ts";

const TSC = fileURLToPath(new URL("../../../../node_modules/typescript/bin/tsc", import.meta.url));

let workspace: WorkspaceCopy;
beforeAll(async () => {
  workspace = await copyWorkspace();
  await writeFile(workspace.file(".env"), "API_KEYS=nightly:secret\n");
});
afterAll(() => workspace[Symbol.asyncDispose]());

const add = (...args: string[]) => addTo(workspace, ...args);
const WIDTHS = { features: 5, classes: 3 };

describe("a hostile file is not added, and leaves nothing behind", () => {
  test.each<readonly [what: string, onnx: Uint8Array, message: RegExp]>([
    [
      "that reads .env",
      readsFile(".env", WIDTHS),
      /hostile\.onnx: .*tensor "leak" keeps its data outside the file, in "\.env": .*Or give the file with the data too: --external FILE$/m,
    ],
    [
      "that loops 2^63 times",
      loopsForever(WIDTHS),
      /hostile\.onnx: checking the model in a process of its own failed: it took longer than 4 s\. .*--timeout$/m,
    ],
    [
      "that takes 20 GB",
      takesMemory(WIDTHS),
      /hostile\.onnx: checking the model in a process of its own failed: it took more than \d+ MiB of memory/,
    ],
    [
      "that crashes ONNX Runtime",
      deepTree(30_000),
      /hostile\.onnx: checking the model in a process of its own failed: the process ended by SIG/,
    ],
    [
      "that is garbage",
      Buffer.from("no\nmodel"),
      /hostile\.onnx: is not an ONNX file: it is not a/,
    ],
    ["that is cut off", harmless(WIDTHS).subarray(0, 90), /is not an ONNX file: .*the bytes end/],
  ])("%s", async (_what, onnx, message) => {
    const before = await written(workspace);
    const path = workspace.file("hostile.onnx");
    await writeFile(path, onnx);
    const { code, text } = await add(path, "--data", LEAVES, "--timeout", "4");
    expect(text).toMatch(message);
    expect(text).toContain("Nothing was written.");
    expect(text).not.toContain("    at ");
    expect(code).toBe(1);
    expect(await written(workspace)).toEqual({ ...before, root: expect.anything() });
    expect(await staged(workspace)).toEqual([]);
  });

  test("--timeout takes a number of seconds", async () => {
    const { code, text } = await add("x.onnx", "--data", LEAVES, "--timeout", "never");
    expect(text).toContain("'never' is invalid. Give a number of seconds from 1 to 86400");
    expect(code).toBe(1);
  });
});

/** Ends a comment, a string, a template and a line of code, steers a terminal and turns the direction of text. */
const HOSTILE_TEXT =
  "x */ globalThis.ran = true; /* \" ' ` ${globalThis.ran = true} \\ \n\r\u2028\u2029 \u001b[31m \u202e <script>";

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A text as contracts show it. */
const visible = (text: string) => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();

describe("hostile texts in everything that is given", () => {
  test("become strings of the contract's files and nothing else", async () => {
    const label = visible(HOSTILE_TEXT).replaceAll('"', "");
    const leaves = await readFile(LEAVES, "utf8");
    const [header = "", ...rows] = leaves.split("\n");
    const unit = HOSTILE_TEXT.replaceAll(/[()[\]"]/g, "");
    const heading = `"Width */ globalThis.ran = true; /* (${unit.replaceAll(/[\n\r\u2028\u2029]/g, "")})"`;
    const data = workspace.file("hostile.csv");
    const changed = [header.replace(/^[^,]+/, () => heading), ...rows].join("\n");
    await writeFile(
      data,
      changed.replaceAll("oak", () => label),
    );
    const { code, text } = await add(
      fixture("forest-numbers.onnx"),
      "--data",
      data,
      "--title",
      HOSTILE_TEXT,
      "--contract-name",
      "hostile",
      "--classes",
      `${label},beech,maple`,
      "--name",
      "hostile",
      "--typed",
    );
    expect(text).toContain("a new contract");
    expect(text.replaceAll("\n", "")).not.toMatch(INVISIBLE);
    expect(code).toBe(0);

    const file = workspace.file("packages/schema/src/contracts/hostile.ts");
    const source = await readFile(file, "utf8");
    expect(source.replaceAll("\n", "")).not.toMatch(INVISIBLE);
    const script = `
      import { hostile } from ${JSON.stringify(file)};
      console.log(JSON.stringify({ hostile, ran: globalThis.ran ?? false }));
    `;
    await writeFile(workspace.file("read.ts"), script);
    const read = await workspace.run("read.ts", []);
    const { hostile, ran } = JSON.parse(read.text);
    expect(ran).toBe(false);
    expect(hostile.title).toBe(visible(HOSTILE_TEXT));
    expect(hostile.classes[0]).toBe(label);
    expect(hostile.examples[0].name).toBe(`a typical ${label}`);
    expect(hostile.features[0].unit).toMatch(/^x .*globalThis\.ran = true/);
    const mounted = await readFile(workspace.file("models/contracts/hostile.json"), "utf8");
    expect(JSON.parse(mounted)).toMatchObject({ format: 1, title: hostile.title });
    const flags =
      "--ignoreConfig --noEmit --strict --skipLibCheck --allowImportingTsExtensions --module nodenext";
    await promisify(execFile)(process.execPath, [TSC, ...flags.split(" "), file]);
  });
});

test("a class that steers a terminal is none", async () => {
  const args = ["--data", workspace.file("steering.csv"), "--name", "steering"];
  const text = await readFile(LEAVES, "utf8");
  await writeFile(workspace.file("steering.csv"), text.replaceAll("oak", "o\u202eak"));
  const added = await add(fixture("forest-numbers.onnx"), ...args);
  expect(added.text).toContain("cannot become a contract: classes.0: should be free of control");
  expect(added.code).toBe(1);
});

test("a word of TypeScript is no name of a typed contract", async () => {
  const args = ["--data", LEAVES, "--contract-name", "default_", "--name", "typed", "--typed"];
  const { code, text } = await add(fixture("forest-names.onnx"), ...args);
  expect(text).toContain('the contract "default_" would be called default in TypeScript');
  expect(code).toBe(1);
});

test.each(["x*/y", "X", "a".repeat(0)])("a contract cannot be called %j", async (name) => {
  const args = ["--data", LEAVES, "--contract-name", name, "--name", "named"];
  const { code, text } = await add(fixture("forest-names.onnx"), ...args);
  expect(text).toContain(`the contract cannot be called "${name}"`);
  expect(code).toBe(1);
});
