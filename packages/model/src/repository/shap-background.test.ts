import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { iris } from "@sepal/schema/contracts/iris";
import { describe, expect, test } from "vitest";
import { copyOfRepository, LIMITS, realVersion, REPOSITORY } from "../../test/real-models.ts";
import { openedAs, recording, scriptedSession } from "../../test/scripted-session.ts";
import { readBackground } from "./shap-background.ts";
import { modelSource } from "../model-source.ts";
import { ServedModel } from "../served-model.ts";

const files = await realVersion("iris-forest");
const [canary = { features: [], class: 0, values: [] }] = files.golden;

/** A model whose manifest says it was trained on a data set of this digest. */
function trainedOn(dataset_sha256: string): ServedModel {
  const { manifest } = files;
  const trained = { ...manifest, training: { ...manifest.training, dataset_sha256 } };
  return new ServedModel({
    contract: iris,
    source: modelSource({ ...files, manifest: trained }, canary),
    opened: openedAs(scriptedSession(() => ({ class: 0, proba: [1, 0, 0] }))),
    limits: LIMITS,
    observer: recording(),
    lane: "batch",
  });
}

/** Writes a data set into a repository of its own and reads it as the background of a model. */
async function backgroundOf(text: string) {
  await using folder = await copyOfRepository(["datasets"]);
  await writeFile(join(folder.path, "datasets/iris.csv"), text);
  const digest = createHash("sha256").update(text).digest("hex");
  return await readBackground(folder.path, trainedOn(digest));
}

const HEADER = "sepal_length,sepal_width,petal_length,petal_width,class";

describe("readBackground", () => {
  test("gives the 150 rows of iris with their classes", async () => {
    const model = trainedOn(files.manifest.training.dataset_sha256);
    const { rows, classes, total } = await readBackground(REPOSITORY, model);
    expect(await readBackground("nowhere", model)).toMatchObject({ total });
    expect([rows.length, classes.length, total]).toEqual([150, 150, 150]);
    expect([rows[0], classes[0]]).toEqual([[5.1, 3.5, 1.4, 0.2], 0]);
    for (const index of [0, 1, 2]) {
      expect(classes.filter((value) => value === index)).toHaveLength(50);
    }
    expect(rows.flat().every((value) => Number(value) > 0)).toBe(true);
  });

  test.each([
    [1, 1],
    [500, 500],
    [501, 500],
    [1201, 500],
    [5000, 500],
  ])("of %i rows it gives %i, evenly spread", async (total, count) => {
    const lines = Array.from({ length: total }, (_, row) => `${row + 1},2,3,4,virginica`);
    const background = await backgroundOf([HEADER, ...lines].join("\n"));
    expect(background.total).toBe(total);
    expect(background.rows).toHaveLength(count);
    expect(new Set(background.classes)).toEqual(new Set([2]));
    const firsts = background.rows.map(([first = 0]) => Number(first));
    const steps = firsts.slice(1).map((first, index) => first - (firsts[index] ?? 0));
    // Neighbours in the sample are never more than one row closer than others.
    if (count > 1) expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
    expect(firsts[0]).toBe(1);
  });

  test("finds the columns by name, whatever their order and line ends", async () => {
    const text = `class,${HEADER.replace(",class", "")},note\r\nversicolor,1,2,3,4,x\r\n`;
    expect(await backgroundOf(text)).toEqual({
      rows: [[1, 2, 3, 4]],
      classes: [1],
      values: [],
      total: 1,
    });
  });

  test("fails where a column is missing", async () => {
    await expect(backgroundOf("sepal_length,class\n1,setosa\n")).rejects.toThrow("lacks a column");
  });

  test("fails where the file is not the one the model was trained on", async () => {
    const other = trainedOn("0".repeat(64));
    await expect(readBackground(REPOSITORY, other)).rejects.toThrow("is not the file");
  });
});
