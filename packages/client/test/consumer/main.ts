import { contracts, createClient, toFailure, type SepalClient } from "@sepal/client";
import { schemas } from "@sepal/client/schemas";

declare const console: { log(text: string): void };
// Where a script's arguments are, without the types of Node.
declare const process: { readonly argv: readonly string[] };

const client: SepalClient = createClient({ url: process.argv[2] ?? "", retries: 0 });

const features = contracts.iris.toFeatures({
  sepal_length: 6,
  sepal_width: 2.7,
  petal_length: 5.1,
  petal_width: 1.6,
});
const { label, confidence, proba } = await client.predict.mutate({ features });
const known: "setosa" | "versicolor" | "virginica" = label;

type Feature = "sepal_length" | "sepal_width" | "petal_length" | "petal_width";

const rows: [number, number, number, number][] = [
  [5.1, 3.5, 1.4, 0.2],
  [6.9, 3.1, 5.4, 2.1],
];
const batch = await client.iris.predictBatch.mutate({ rows, model_name: "iris-logistic" });
const { models } = await client.models.list.query();

const [{ features: typical }, , , { name: between }] = contracts.iris.examples;
const [petalWidth]: [number] = [typical[3]];
const island: "Biscoe" | "Dream" | "Torgersen" = contracts.penguins.examples[3].features.island;

const refused = await client.predict
  .mutate({ features: [5.1, -1, 1.4, 0.2] })
  .catch((error: unknown) => toFailure(error, contracts.iris));
if (!("kind" in refused)) throw new Error("a negative length was taken");

// As a form checks it, which knows no types.
const given: unknown = { sepal_length: 6, sepal_width: 2.7, petal_length: 5.1, petal_width: -1 };
const { issues } = await schemas.iris.namedRow["~standard"].validate(given);

console.log(
  JSON.stringify({
    known,
    confidence,
    proba,
    labels: batch.predictions.map((prediction) => prediction.label),
    models: models.map(({ name }) => name),
    examples: { petalWidth, between, island },
    feature: refused.detail[0]?.feature satisfies Feature | undefined,
    checked: issues?.map(({ path, message }) => [path, message]),
    refused: { kind: refused.kind, status: refused.status, detail: refused.detail },
  }),
);
