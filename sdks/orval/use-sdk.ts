import {
  predict,
  predictBatch,
  predictFile,
  type BrokenRule,
  type IrisPredictResponse,
} from "./sdk/api.js";

// Where a script's arguments are, without the types of Node.
declare const process: { readonly argv: readonly string[] };
const [, , , csv = ""] = process.argv;

const one = await predict({ features: [6, 2.7, 5.1, 1.6], model_name: "iris-forest" });
if (one.status !== 200) throw new Error(JSON.stringify(one.data));
const answer: IrisPredictResponse = one.data;

const rows = [
  [5.1, 3.5, 1.4, 0.2],
  [6.9, 3.1, 5.4, 2.1],
];
const many = await predictBatch({ rows });
// The type of a stream, which comes where `accept` asks for it, is a string.
if (many.status !== 200 || typeof many.data === "string") throw new Error(JSON.stringify(many));

const refused = await predict({ features: [-1, 2.7, 5.1, 1.6] });
if (refused.status !== 422) throw new Error("a negative length was taken");
const { detail } = refused.data;
// The type of a problem, which comes where `accept` asks for it, has a text.
if (typeof detail === "string") throw new Error(detail);
const rules: BrokenRule[] = detail;

const file = new File([csv], "rows.csv", { type: "text/csv" });
const scored = await predictFile({ file });
// The response is a stream, since it can be JSON lines.
if (!("stream" in scored)) throw new Error(String(scored.status));

console.log(
  JSON.stringify({
    label: answer.label,
    labels: many.data.predictions.map((prediction) => prediction.label),
    status: refused.status,
    rules: rules.map(({ type, loc }) => ({ type, loc })),
    scored: await scored.stream.text(),
  }),
);
