import { contracts, createClient, toFailure } from "@sepal/client";

const sepal = createClient({
  url: process.argv[2] ?? "http://localhost:8000",
  apiKey: process.env["SEPAL_API_KEY"],
  // An overloaded or restarting server returns 503 with Retry-After; the client waits and retries.
  retries: 5,
});

// One row. Values are named: the contract puts them into the order that models take.
const features = contracts.iris.toFeatures({
  sepal_length: 6,
  sepal_width: 2.7,
  petal_length: 5.1,
  petal_width: 1.6,
});
const { label, confidence } = await sepal.predict.mutate({ features });
console.log(`one: ${label} ${confidence}`);

// Many rows in one request.
const { predictions } = await sepal.predictBatch.mutate({
  rows: [
    [5.1, 3.5, 1.4, 0.2],
    [6.9, 3.1, 5.4, 2.1],
  ],
});
for (const row of predictions) console.log(`batch: ${row.label} ${row.confidence}`);

// A length cannot be negative: the failure says which rule was broken where.
try {
  await sepal.predict.mutate({ features: [-1, 2.7, 5.1, 1.6] });
} catch (error) {
  const failure = toFailure(error);
  if (failure.kind !== "invalid") throw error;
  for (const { loc, msg } of failure.detail) console.log(`refused: ${loc.join(".")}: ${msg}`);
}
