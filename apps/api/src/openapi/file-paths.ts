import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { fileQuery } from "@sepal/schema/predict-file";
import { inputColumns, resultColumns } from "@sepal/schema/result-columns";
import * as z from "zod";
import type { ExampleAnswers } from "./example-answers.ts";

/** The answer of a row as it stands in a file. */
const row = z.object({ label: z.string(), confidence: z.number(), proba: z.array(z.number()) });

/** The contract's first example as files, and what comes back for them where a model answers. */
export function exampleFiles(contract: Contract, answers: ExampleAnswers) {
  const [{ features }] = contract.examples;
  const names = contract.features.map(({ name }) => name);
  const csv = `${names.join(",")}\n${features.join(",")}\n`;
  const ndjson = `${JSON.stringify({ features })}\n`;
  const answered = row.safeParse(answers[contract.name]?.prediction);
  if (!answered.success) return { csv, ndjson };
  const { label, confidence, proba } = answered.data;
  const cells = [contract.classes.indexOf(label), label, confidence, ...proba];
  const results = resultColumns(contract);
  const header = [...inputColumns(names, contract), ...results].join(",");
  const entries = [...cells, null].map((value, index) => [results[index] ?? "", value]);
  return {
    csv,
    ndjson,
    scoredCsv: `${header}\n${[...features, ...cells].join(",")},\n`,
    scoredNdjson: `${JSON.stringify({ features, ...Object.fromEntries(entries) })}\n`,
  };
}

/** Body of a route that takes a file, with the contract's first example. */
export function fileBody(contract: Contract) {
  const { csv, ndjson } = exampleFiles(contract, {});
  const schema = z.string();
  const form = z.object({
    file: z
      .string()
      .meta({ format: "binary", description: "Its type or its name says which format it has." }),
  });
  return {
    required: true,
    content: {
      "text/csv": { schema, example: csv },
      "application/x-ndjson": { schema, example: ndjson },
      "multipart/form-data": { schema: form },
    },
  };
}

function filePath(contract: Contract, id: string, tag: string, answers: ExampleAnswers) {
  const { scoredCsv, scoredNdjson } = exampleFiles(contract, answers);
  const schema = z.string();
  const described = (description: string) => ({ description, schema: { type: "string" as const } });
  return {
    post: {
      operationId: id,
      tags: [tag],
      summary: `Score a file of ${contract.title} rows`,
      description:
        "CSV whose header names the features, in any order and among other columns, or JSON lines with `features`. The result is sent while the file comes in; a row that breaks a rule has an `error` instead of an answer. A failure after the first rows cuts the answer off.",
      requestParams: { query: fileQuery },
      requestBody: fileBody(contract),
      responses: {
        200: {
          description: "The file with its answers, in its own format",
          headers: {
            "x-model-used": described("Name of the model that answered."),
            "x-model-version": described("Its version."),
          },
          content: {
            "text/csv": { schema, ...(scoredCsv && { example: scoredCsv }) },
            "application/x-ndjson": { schema, ...(scoredNdjson && { example: scoredNdjson }) },
          },
        },
      },
    },
  };
}

/** Paths of the routes that take a file. */
export function filePaths(answers: ExampleAnswers) {
  const byContract = Object.entries(contracts).map(([name, contract]) => [
    `/${name}/predict-file`,
    filePath(contract, `${name}-predictFile`, name, answers),
  ]);
  return {
    "/predict-file": filePath(defaultContract, "predictFile", "predictions", answers),
    "/v2/predict-file": filePath(defaultContract, "v2PredictFile", "predictions", answers),
    ...Object.fromEntries(byContract),
  };
}
