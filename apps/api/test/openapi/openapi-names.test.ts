import { beforeAll, describe, expect, test } from "vitest";
import { openApiDocument } from "../../src/openapi/openapi.ts";
import { allEndpoints } from "../support/all-endpoints.ts";

let document: ReturnType<typeof JSON.parse>;
beforeAll(() => {
  document = JSON.parse(JSON.stringify(openApiDocument(allEndpoints())));
});

const JSON_TYPE = "application/json";

function bodiesOf(path: string): readonly unknown[] {
  const { requestBody, responses } = document.paths[path].post;
  return [requestBody, responses["200"]].map(({ content }) => content[JSON_TYPE].schema.$ref);
}

describe("what generated code is named after", () => {
  test.each([
    ["/predict", "Iris"],
    ["/v2/predict", "Iris"],
    ["/predict/{model_name}", "Iris"],
    ["/iris/predict", "Iris"],
    ["/wine/predict", "Wine"],
    ["/penguins/predict", "Penguins"],
    ["/diabetes/predict", "Diabetes"],
    ["/speeches_embed/predict", "SpeechesEmbed"],
  ])("the bodies of %s are those of %s", (path, contract) => {
    const names = ["PredictRequest", "PredictResponse"];
    expect(bodiesOf(path)).toEqual(names.map((name) => `#/components/schemas/${contract}${name}`));
  });

  test("operations are words that no language has to change", () => {
    const ids = Object.values<object>(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(ids).toEqual(
      expect.arrayContaining(["predict", "predictBatch", "irisPredict", "modelsList"]),
    );
    expect(ids.filter((id) => !/^[a-z][A-Za-z0-9]*$/.test(id))).toEqual([]);
  });

  test("every JSON body that is an object has a name", () => {
    const operations = Object.values<object>(document.paths).flatMap((item) => Object.values(item));
    const bodies = operations.flatMap(({ requestBody, responses }) =>
      [requestBody].concat(Object.values(responses)),
    );
    const inline = bodies
      .map((body) => Object(body).content?.[JSON_TYPE]?.schema)
      .filter((schema) => schema?.type === "object");
    expect(inline).toEqual([]);
    const texts = Object.values(document.components.schemas).map((schema) =>
      JSON.stringify(schema),
    );
    expect(texts.length).toBeGreaterThan(30);
    expect(document.components.schemas).not.toHaveProperty("PredictRequest");
  });

  test("unions are of a named body and another, or of a named body and null", () => {
    const unions: string[] = [];
    JSON.stringify(document, (_key, value) => {
      if (Array.isArray(Object(value).anyOf)) unions.push(...value.anyOf.map(memberOf));
      return value;
    });
    expect([...new Set(unions)].toSorted()).toEqual(["null", "object", "reference"]);
  });
});

function memberOf(member: { $ref?: string; type?: string }): string {
  return member.$ref === undefined ? String(member.type) : "reference";
}
