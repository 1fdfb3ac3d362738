import { fastify } from "fastify";
import { predictRows } from "./iris-forest.ts";
import { predictBatchRequest, predictRequest } from "./iris-schema.ts";

const app = fastify({ bodyLimit: 16 * 2 ** 20 });

app.route({
  method: "POST",
  url: "/predict",
  async handler({ body }) {
    const { features } = predictRequest.parse(body);
    const [prediction] = await predictRows([features]);
    return prediction;
  },
});

app.route({
  method: "POST",
  url: "/predict-batch",
  async handler({ body }) {
    const { rows } = predictBatchRequest.parse(body);
    const predictions = await predictRows(rows);
    return { predictions, count: predictions.length };
  },
});

await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
