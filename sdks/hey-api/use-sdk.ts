import { client } from "./sdk/client.gen.js";
import { predict, predictBatch, predictFile } from "./sdk/sdk.gen.js";
import type { IrisPredictResponse, ValidationError } from "./sdk/types.gen.js";

// Where a script's arguments are, without the types of Node.
declare const process: { readonly argv: readonly string[] };
const [, , url = "", csv = ""] = process.argv;
client.setConfig({ baseUrl: url });

const one = await predict({ body: { features: [6, 2.7, 5.1, 1.6], model_name: "iris-forest" } });
if (one.data === undefined) throw new Error(JSON.stringify(one.error));
const answer: IrisPredictResponse = one.data;

const rows: [number, number, number, number][] = [
  [5.1, 3.5, 1.4, 0.2],
  [6.9, 3.1, 5.4, 2.1],
];
const many = await predictBatch({ body: { rows }, throwOnError: true });

const refused = await predict({ body: { features: [-1, 2.7, 5.1, 1.6] } });
if (refused.error === undefined || !("errors_total" in refused.error)) {
  throw new Error("a negative length was taken");
}
const { detail }: ValidationError = refused.error;

const file = new File([csv], "rows.csv", { type: "text/csv" });
const scored = await predictFile({ body: { file }, throwOnError: true });

console.log(
  JSON.stringify({
    label: answer.label,
    labels: many.data.predictions.map((prediction) => prediction.label),
    status: refused.response?.status,
    rules: detail.map(({ type, loc }) => ({ type, loc })),
    scored: String(scored.data),
  }),
);
