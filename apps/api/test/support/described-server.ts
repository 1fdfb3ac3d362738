import { endedJob } from "./job-helpers.ts";
import { send } from "./json-request.ts";
import { sharedApi } from "./shared-api.ts";
import { singleClient } from "./trpc-client.ts";

const CSV = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n6.9,3.1,5.4,2.1\n";

/** A server with a job that succeeded, and its OpenAPI document. */
export async function startDescribed() {
  const api = await sharedApi();
  // oxlint-disable-next-line typescript/no-explicit-any -- read as any JSON is; the validator checks it
  const document: any = (await send(`${api.url}/openapi.json`)).body;
  const { jobs } = singleClient(api.url);
  const jobId = (await jobs.create.mutate({ format: "csv", data: CSV })).job_id;
  await endedJob(api.url, jobId);
  return {
    url: api.url,
    document,
    jobId,
    /** The address of a described path, with something that there is in every place. */
    addressOf(path: string, given?: string): string {
      // The evaluator computes no network.
      const model = given ?? (path.endsWith("/evaluator") ? "iris-forest" : "iris-mlp");
      const filled = path.replace("{model_name}", model).replace("{model_version}", "1");
      return api.url + filled.replace("{job_id}", jobId).replace("{contract}", "iris");
    },
    /** Every operation, as method, path and what the document says of it. */
    // oxlint-disable-next-line typescript/no-explicit-any -- as above
    operations(): [string, string, any][] {
      return Object.entries(document.paths).flatMap(([path, item]) =>
        // oxlint-disable-next-line typescript/no-explicit-any -- as above
        Object.entries(Object(item)).map(([method, value]): [string, string, any] => [
          method,
          path,
          value,
        ]),
      );
    },
  };
}

/** The status of a good answer. */
export function success(path: string, method: string): string {
  return method === "post" && path.endsWith("/jobs") ? "202" : "200";
}
