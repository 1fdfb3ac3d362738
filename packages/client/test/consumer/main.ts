import { contracts, createClient, toFailure, type SepalClient } from "@sepal/client";

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

const rows: [number, number, number, number][] = [
  [5.1, 3.5, 1.4, 0.2],
  [6.9, 3.1, 5.4, 2.1],
];
const batch = await client.iris.predictBatch.mutate({ rows, model_name: "iris-logistic" });
const { models } = await client.models.list.query();

const refused = await client.predict.mutate({ features: [5.1, -1, 1.4, 0.2] }).catch(toFailure);
if (!("kind" in refused)) throw new Error("a negative length was taken");

console.log(
  JSON.stringify({
    known,
    confidence,
    proba,
    labels: batch.predictions.map((prediction) => prediction.label),
    models: models.map(({ name }) => name),
    refused: { kind: refused.kind, status: refused.status, detail: refused.detail },
  }),
);
