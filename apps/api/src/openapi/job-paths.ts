import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { jobCreated, jobRef } from "@sepal/schema/job";
import { fileQuery } from "@sepal/schema/predict-file";
import * as z from "zod";
import { JOB } from "./answer-examples.ts";
import type { ExampleAnswers } from "./example-answers.ts";
import { exampleFiles, fileBody } from "./file-paths.ts";
import { get } from "./path-builders.ts";

const text = { type: "string" as const };

const KEY = {
  name: "idempotency-key",
  in: "header" as const,
  description:
    "Name of this order: sent again with the same file and parameters, it answers the same job. It is forgotten with the job.",
  // 1 to 255 characters of visible ASCII, quoted or not.
  schema: { ...text, pattern: '^(?:"[ !#-\\[\\]-~]{1,255}"|[!#-~][ !#-~]{0,254})$' },
};

const { job_id, status } = { ...JOB, status: "queued" };

function createPath(contract: Contract, id: string) {
  const location = { description: "Address of the job.", schema: text };
  const example = { job_id, status };
  return {
    post: {
      operationId: id,
      tags: ["jobs"],
      summary: `Score a file of ${contract.title} rows in the background`,
      description:
        "The file is stored and the job queued when the answer comes; both survive the end of the server. It runs with the model that is chosen now. With `strict` it fails at its first bad row.",
      parameters: [KEY],
      requestParams: { query: fileQuery },
      requestBody: fileBody(contract),
      responses: {
        202: {
          description: "The job is queued, or was by an earlier request with the same key",
          headers: { location },
          content: { "application/json": { schema: jobCreated, example } },
        },
      },
    },
  };
}

/** Paths of jobs that are no procedures of their own. */
export function jobPaths(answers: ExampleAnswers) {
  const params = z.object(jobRef.shape);
  const summary = "The result of a job that has succeeded; 409 before";
  const { scoredCsv, scoredNdjson } = exampleFiles(defaultContract, answers);
  const schema = z.string();
  const result = {
    200: {
      description: "The file with its answers, in the format it was sent in",
      content: {
        "text/csv": { schema, ...(scoredCsv && { example: scoredCsv }) },
        "application/x-ndjson": { schema, ...(scoredNdjson && { example: scoredNdjson }) },
      },
    },
  };
  const byContract = Object.entries(contracts).map(([name, contract]) => [
    `/${name}/jobs`,
    createPath(contract, `${name}-jobs-create`),
  ]);
  return {
    "/jobs": createPath(defaultContract, "jobs-create"),
    ...Object.fromEntries(byContract),
    "/jobs/{job_id}/result": get({ id: "jobs-result", tag: "jobs", summary, params }, result),
  };
}
