import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { CSV, HEAD, NDJSON, RESULT, ROW, SETOSA } from "../support/csv-file.ts";
import { irisCsv } from "../support/job-helpers.ts";
import { post } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

/** Rows of a CSV without quotes, as objects. */
function records(text: string): Record<string, string | undefined>[] {
  const [head = "", ...lines] = text.trimEnd().split("\n");
  const names = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, index) => [name, cells[index]]));
  });
}

describe("a file", () => {
  test("gets the answers that its rows get as a batch", async () => {
    const csv = irisCsv(2500);
    const reply = await post(`${api.url}/predict-file`, csv, CSV);
    expect(reply.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(reply.headers.get("x-model-used")).toBe("iris-forest");
    expect(reply.headers.get("x-model-version")).toBe("1");
    const answered = records(reply.text);
    const features = HEAD.split(",");
    const rows = records(csv).map((row) => features.map((name) => Number(row[name])));
    const { predictions } = (await post(`${api.url}/predict-batch`, { rows })).body;
    expect(answered).toHaveLength(2500);
    for (const [index, row] of answered.entries()) {
      const { class: predicted, label, confidence, proba } = predictions[index];
      expect([row["class"], row["label"], row["confidence"]]).toEqual(
        [predicted, label, confidence].map(String),
      );
      const { proba_setosa, proba_versicolor, proba_virginica } = row;
      expect([proba_setosa, proba_versicolor, proba_virginica]).toEqual(proba.map(String));
    }
  });

  test.each(["/predict-file", "/v2/predict-file", "/iris/predict-file"])(
    "goes to %s",
    async (path) => {
      const { status, text } = await post(api.url + path, `${HEAD}\n${ROW}\n`, CSV);
      expect([status, text]).toEqual([200, `${HEAD},${RESULT}\n${ROW},${SETOSA}\n`]);
    },
  );

  test("of another contract goes to that contract's route", async () => {
    const csv =
      "alcohol,malic_acid,ash,alcalinity_of_ash,magnesium,total_phenols,flavanoids,nonflavanoid_phenols,proanthocyanins,color_intensity,hue,od280_od315_of_diluted_wines,proline\n14.1,2.02,2.4,18.8,103,2.75,2.92,0.32,2.38,6.2,1.07,2.75,1060\n";
    const { text } = await post(`${api.url}/wine/predict-file`, csv, CSV);
    expect(text).toContain(",0,barolo,");
    const wrong = await post(`${api.url}/predict-file?model_name=wine-forest`, csv, CSV);
    expect([wrong.status, wrong.body.detail[0].loc]).toEqual([422, ["body", "model_name"]]);
  });

  test("is scored by the model that the query names", async () => {
    const url = `${api.url}/predict-file?model_name=iris-mlp&model_version=1`;
    const reply = await post(url, `${HEAD}\n6,2.7,5.1,1.6\n`, CSV);
    expect(reply.headers.get("x-model-used")).toBe("iris-mlp");
    expect(reply.text).toMatch(/,2,virginica,0\.78\d*,/);
  });

  test("of JSON lines comes back as JSON lines", async () => {
    const lines = '{"features":[5.1,3.5,1.4,0.2],"id":"a"}\n\n{"features":[5.1,"3.5",1.4]}\n';
    const reply = await post(`${api.url}/predict-file`, lines, NDJSON);
    expect(reply.headers.get("content-type")).toBe("application/x-ndjson");
    const [first, second, ...rest] = reply.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
    expect(rest).toEqual([]);
    expect(first).toEqual({
      features: [5.1, 3.5, 1.4, 0.2],
      id: "a",
      class: 0,
      label: "setosa",
      confidence: 1,
      proba_setosa: 1,
      proba_versicolor: 0,
      proba_virginica: 0,
      error: null,
    });
    expect(second).toMatchObject({
      class: null,
      error:
        "row 2: column sepal_width: Input should be a valid number (float_type); column features: List should have at least 4 items after validation, not 3 (too_short)",
    });
  });

  test("with bad rows says where they are bad and goes on", async () => {
    const rows = [ROW, "5.1,-3.5,1.4,x", "=1,3.5,1.4,0.2", "5.1", `${ROW},7`, ROW];
    const { status, text } = await post(
      `${api.url}/predict-file`,
      [HEAD, ...rows].join("\r\n"),
      CSV,
    );
    expect(status).toBe(200);
    const lines = text.split("\r\n");
    expect(lines).toHaveLength(7);
    expect(lines[2]).toBe(
      '5.1,-3.5,1.4,x,,,,,,,"row 2: column petal_width: Input should be a valid number, unable to parse string as a number (float_parsing); column sepal_width: Input should be greater than 0 (greater_than)"',
    );
    expect(lines[3]).toMatch(/^=1,3\.5,1\.4,0\.2,,,,,,,"row 3: column sepal_length: /);
    expect(lines[4]).toBe(
      "5.1,,,,,,,,,,row 4: column sepal_width: Field required (missing); column petal_length: Field required (missing); column petal_width: Field required (missing)",
    );
    expect(lines[5]).toContain("row 5: The row has 5 cells, the header 4 (too_long)");
    expect(lines[6]).toBe(`${ROW},${SETOSA}`);
  });
});

test("a strict file without bad rows is answered as any other", async () => {
  const csv = irisCsv(2500);
  const strict = await post(`${api.url}/predict-file?strict=true`, csv, CSV);
  const plain = await post(`${api.url}/predict-file?strict=false`, csv, CSV);
  expect(strict.status).toBe(200);
  expect(strict.text).toBe(plain.text);
});
