import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTo, fixture } from "../support/added-models.ts";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { CSV } from "../support/csv-file.ts";
import { copyWorkspace, type WorkspaceCopy } from "../support/workspace-copy.ts";

// Labels are what the model says, whatever the table makes of them.

const MODELS = {
  spaces: { labels: [" <=50K", " >50K"], args: [] },
  numbers: { labels: ["1.0", "10", "9"], args: [] },
  int64: { labels: ["5", "9007199254740992", "9007199254740993"], args: [] },
  latin1: { labels: ["café", "eau", "thé"], args: ["--charset", "latin1"] },
} as const;

let workspace: WorkspaceCopy;
let api: ApiProcess;
beforeAll(async () => {
  workspace = await copyWorkspace();
  for (const [name, { args }] of Object.entries(MODELS)) {
    const files = [fixture(`labels-${name}.onnx`), "--data", fixture(`labels-${name}.csv`)];
    const added = await addTo(workspace, ...files, "--contract-name", name, ...args);
    expect(added.text).toContain("right on 150 of 150 rows");
  }
  api = await startApi({ main: workspace.file("apps/api/src/main.ts"), cwd: workspace.path });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

describe.each(Object.entries(MODELS))("%s", (name, { labels, args }) => {
  test("the table that the model was added with is scored as it is", async () => {
    const bytes = await readFile(fixture(`labels-${name}.csv`));
    const charset = args.length > 0 ? "latin1" : "utf8";
    const response = await fetch(`${api.url}/${name}/predict-file?charset=${charset}`, {
      method: "POST",
      headers: CSV,
      body: bytes,
    });
    const lines = Buffer.from(await response.arrayBuffer())
      .toString(charset)
      .trimEnd()
      .split("\n");
    expect(response.status, lines[0]).toBe(200);
    const [header = "", ...rows] = lines.map((line) => line.split(","));
    const [given, label, error] = ["class", "label", "error"].map((heading) =>
      header.indexOf(heading),
    );
    expect(rows).toHaveLength(150);
    expect(new Set(rows.map((row) => row[label ?? -1]))).toEqual(new Set(labels));
    const plain = (text = "") => text.trim().replace(/\.0$/, "");
    for (const row of rows) {
      expect(plain(row[label ?? -1])).toBe(plain(row[given ?? -1]));
      expect(row[error ?? -1]).toBe("");
    }
  });
});

test("a table that is not in its charset is rejected with the remedy", async () => {
  const files = [fixture("labels-latin1.onnx"), "--data", fixture("labels-latin1.csv")];
  const { code, text } = await addTo(workspace, ...files, "--name", "again");
  expect(code).toBe(1);
  expect(text).toContain(
    "line 2, byte 82 of the file is 0xE9; it looks like Windows-1252: give --charset windows-1252",
  );
});
