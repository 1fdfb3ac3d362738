import { fastify } from "fastify";
import { openForest, predictWith } from "./forest-session.ts";
import { predictBatchRequest, predictRequest } from "./iris-schema.ts";

// What not to do: the model is read from disk for each request.
let loads = 0;

async function predictAfresh(rows: readonly (readonly number[])[]) {
  const session = await openForest();
  loads += 1;
  try {
    return await predictWith(session, rows);
  } finally {
    await session.release();
  }
}

const app = fastify();

app.post("/predict", async ({ body }) => {
  const { features } = predictRequest.parse(body);
  const [prediction] = await predictAfresh([features]);
  return prediction;
});

app.post("/predict-batch", async ({ body }) => {
  const { rows } = predictBatchRequest.parse(body);
  const predictions = await predictAfresh(rows);
  return { predictions, count: predictions.length };
});

app.get("/metrics", () => `model_loads_total{model="iris-forest",version="1"} ${loads}\n`);

await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
