import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { dataFolder, endedJob } from "./job-helpers.ts";
import { send } from "./json-request.ts";
import { singleClient } from "./trpc-client.ts";

let data: Awaited<ReturnType<typeof dataFolder>>;
let api: ApiProcess;
beforeAll(async () => {
  data = await dataFolder();
  api = await startApi({ variables: { DATA_DIR: data.path } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

const GOOD = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n";

test("a job that is made over tRPC ends with its result, in the format of the file", async () => {
  const { job_id } = await singleClient(api.url).jobs.create.mutate({ format: "csv", data: GOOD });
  const ended = await endedJob(api.url, job_id);
  expect(ended).toMatchObject({ status: "succeeded", rows_done: 1, rows_bad: 0, rows_total: 1 });
  expect(await singleClient(api.url).jobs.get.query({ job_id })).toEqual(ended);
  const { status, text, headers } = await send(`${api.url}/jobs/${job_id}/result`);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(headers.get("content-disposition")).toBe(`attachment; filename="${job_id}.csv"`);
  expect(text.split("\n")).toEqual([
    "sepal_length,sepal_width,petal_length,petal_width,class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error",
    "5.1,3.5,1.4,0.2,0,setosa,1,1,0,0,",
    "",
  ]);
});
