import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

// Where a script's arguments are, without the types of Node.
declare const process: { readonly argv: readonly string[] };
const [, , baseUrl = "", csv = ""] = process.argv;
const client = createClient<paths>({ baseUrl });

const one = await client.POST("/predict", {
  body: { features: [6, 2.7, 5.1, 1.6], model_name: "iris-forest" },
});
if (one.data === undefined) throw new Error(JSON.stringify(one.error));
const answer: components["schemas"]["IrisPredictResponse"] = one.data;

const rows = [
  [5.1, 3.5, 1.4, 0.2],
  [6.9, 3.1, 5.4, 2.1],
];
const many = await client.POST("/predict-batch", { body: { rows } });
// The type of a stream, which comes where `accept` asks for it, is a string.
if (typeof many.data !== "object") throw new Error(JSON.stringify(many));

const refused = await client.POST("/predict", { body: { features: [-1, 2.7, 5.1, 1.6] } });
const { detail = "a negative length was taken" } = refused.error ?? {};
// The type of a problem, which comes where `accept` asks for it, has a text.
if (typeof detail === "string") throw new Error(detail);
const rules: components["schemas"]["BrokenRule"][] = detail;

const scored = await client.POST("/predict-file", {
  body: { file: csv },
  bodySerializer({ file }) {
    const form = new FormData();
    form.set("file", new File([file], "rows.csv", { type: "text/csv" }));
    return form;
  },
  parseAs: "text",
});

console.log(
  JSON.stringify({
    label: answer.label,
    labels: many.data.predictions.map((prediction) => prediction.label),
    status: refused.response.status,
    rules: rules.map(({ type, loc }) => ({ type, loc })),
    scored: scored.data,
  }),
);
