import { post } from "./json-request.ts";

interface Batch {
  readonly rows: readonly (readonly number[])[];
  readonly model_name: string;
}

/** What `/predict-batch` answers for a batch, as the output tensors of the Open Inference Protocol. */
export async function expectedTensors(url: string, { rows, model_name }: Batch) {
  const { body } = await post(`${url}/predict-batch`, { rows, model_name });
  const predictions: { class: number; proba: number[] }[] = body.predictions;
  return [
    {
      name: "class",
      datatype: "INT64",
      shape: [rows.length],
      data: predictions.map((row) => row.class),
    },
    {
      name: "proba",
      datatype: "FP32",
      shape: [rows.length, 3],
      data: predictions.flatMap(({ proba }) => proba),
    },
  ];
}
