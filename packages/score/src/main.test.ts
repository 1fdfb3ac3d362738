import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const MODELS = fileURLToPath(new URL("../../../models", import.meta.url));
const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const RESULT = "class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error";
const GOOD = `${HEAD}\n5.1,3.5,1.4,0.2\n`;
const SCORED = `${HEAD},${RESULT}\n5.1,3.5,1.4,0.2,0,setosa,1,1,0,0,\n`;
const BAD = `${GOOD}5.1,3.5,1.4,-0.2\n`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-score-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      INIT_CWD: folder,
      MODELS_DIR: MODELS,
      ...variables,
    },
    stdio: "pipe",
  });
}

async function score(
  args: readonly string[],
  input = "",
  variables: Readonly<Record<string, string>> = {},
) {
  const child = start(args, variables);
  child.stdin.on("error", () => {}).end(input);
  const closed = once(child, "close");
  const read = async (stream: AsyncIterable<Uint8Array>) =>
    Buffer.concat(await collect(stream)).toString("utf8");
  const [out, err] = await Promise.all([read(child.stdout), read(child.stderr)]);
  const [code] = await closed;
  return { code, out, err };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

test("a file is scored into a file, and nothing else is left", async () => {
  await writeFile(join(folder, "in.csv"), BAD);
  await writeFile(join(folder, "real.csv"), "old");
  await symlink("real.csv", join(folder, "link.csv"));
  const { code, out, err } = await score(["in.csv", "link.csv"]);
  expect([code, out]).toEqual([0, ""]);
  expect(err).toMatch(/^score: 2 rows in \d+\.\d s, 1 of them bad\n$/);
  expect(await readFile(join(folder, "real.csv"), "utf8")).toContain(
    `${SCORED}5.1,3.5,1.4,-0.2,,,,,,,row 2: column petal_width: Input should be greater than 0`,
  );
  expect((await readdir(folder)).toSorted()).toEqual(["in.csv", "link.csv", "real.csv"]);
});

test("the report is JSON on request, beside the result", async () => {
  const { code, out, err } = await score(["--json", "-", "-"], BAD);
  expect([code, out]).toEqual([0, expect.stringContaining(SCORED)]);
  expect(JSON.parse(err)).toEqual({ rows: 2, bad_rows: 1, seconds: expect.any(Number) });
});

test("standard input is scored into standard output", async () => {
  expect(await score(["-", "-"], GOOD)).toMatchObject({ code: 0, out: SCORED });
  const lines = '{"features":[6,2.7,5.1,1.6]}\n';
  const args = ["--format", "ndjson", "--model", "iris-mlp", "-", "-"];
  const { code, out } = await score(args, lines);
  expect([code, JSON.parse(out).label]).toEqual([0, "virginica"]);
});

test("with --strict a bad row leaves everything as it was", async () => {
  await writeFile(join(folder, "bad.csv"), BAD);
  await writeFile(join(folder, "kept.csv"), "kept");
  const before = await readdir(folder);
  for (const output of ["kept.csv", "-"]) {
    const { code, out, err } = await score(["--strict", "bad.csv", output]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^score: row 2: column petal_width: /);
  }
  expect(await readFile(join(folder, "kept.csv"), "utf8")).toBe("kept");
  expect(await readdir(folder)).toEqual(before);
  expect(await score(["--strict", "-", "-"], GOOD)).toMatchObject({ code: 0, out: SCORED });
});

test.each([
  [["in.csv"], "", /^score: missing required argument 'output'; usage: pnpm score /],
  [["--fast", "-", "-"], "", /^score: unknown option '--fast'; usage: /],
  [
    ["--format", "xml", "-", "-"],
    "",
    /^score: option '--format <format>' argument 'xml' is invalid. Allowed choices are csv, ndjson; /,
  ],
  [["missing.csv", "-"], "", /^score: ENOENT/],
  [["--model", "rose", "-", "-"], GOOD, /^score: there is no model "rose"/],
  [["-", "-"], "a,b\n", /^score: The header has no column sepal_length; /],
  [["--strict", "-", "-"], "", /^score: the file is empty/],
])("%j ends with 1 and says why", async (args, input, message) => {
  const { code, out, err } = await score(args, input);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(message);
});

test("a file of too many columns ends with 1, and MAX_COLUMNS allows more", async () => {
  const wide = `${HEAD}${",c".repeat(1997)}\n5.1,3.5,1.4,0.2\n`;
  const { code, out, err } = await score(["-", "-"], wide);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("2001 columns; at most 2000 are allowed (MAX_COLUMNS)");
  expect((await score(["-", "-"], wide, { MAX_COLUMNS: "2001" })).code).toBe(0);
  const wrong = await score(["-", "-"], wide, { MAX_COLUMNS: "many" });
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("MAX_COLUMNS should be")]);
});

test("a reader that goes away ends it with 1 and no stack", async () => {
  const child = start(["-", "-"]);
  child.stdout.destroy();
  child.stdin.on("error", () => {}).end(GOOD);
  const closed = once(child, "close");
  const err = Buffer.concat(await collect(child.stderr)).toString("utf8");
  expect([await closed, err]).toEqual([[1, null], "score: write EPIPE\n"]);
});

test("a signal removes what is unfinished", async () => {
  const child = start(["-", "unfinished.csv"]);
  child.stdin.on("error", () => {}).write(GOOD);
  const partial = async () => (await readdir(folder)).filter((name) => name.endsWith(".partial"));
  await expect.poll(partial).toHaveLength(1);
  const closed = once(child, "close");
  child.kill("SIGTERM");
  expect(await closed).toEqual([143, null]);
  expect(await partial()).toEqual([]);
});

test("a file in Windows-1252, or gzip, comes back with its own bytes", async () => {
  const text = Buffer.from(
    `name,${HEAD}\r\nM\xfcller,5.1,3.5,1.4,0.2\r\n=1,5.1,3.5,1.4,0.2`,
    "latin1",
  );
  await writeFile(join(folder, "latin.csv"), text);
  await writeFile(join(folder, "latin.csv.gz"), gzipSync(text));
  const wanted = `name,${HEAD},${RESULT}\r\nM\xfcller,5.1,3.5,1.4,0.2,0,setosa,1,1,0,0,\r\n=1,5.1,3.5,1.4,0.2,0,setosa,1,1,0,0,`;
  for (const name of ["latin.csv", "latin.csv.gz"]) {
    const { code, err } = await score([name, "out.csv", "--charset", "latin1"]);
    expect([code, await readFile(join(folder, "out.csv"), "latin1")], err).toEqual([0, wanted]);
  }
  await score(["latin.csv", "out.csv", "--charset", "cp1252", "--spreadsheet"]);
  expect(await readFile(join(folder, "out.csv"), "latin1")).toContain("\r\n'=1,5.1");
  const wrong = await score(["latin.csv", "-"]);
  expect([wrong.code, wrong.err]).toEqual([
    1,
    expect.stringContaining("line 2, byte 58 of the file is 0xFC"),
  ]);
  const unknown = await score(["latin.csv", "-", "--charset", "utf-16"]);
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("windows-1252")]);
});
