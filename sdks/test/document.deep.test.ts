import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addTo } from "../../apps/api/test/support/added-models.ts";
import { startApi, type ApiProcess } from "../../apps/api/test/support/api-process.ts";
import { readCase } from "../../apps/api/test/support/exported-case.ts";
import { copyWorkspace, type WorkspaceCopy } from "../../apps/api/test/support/workspace-copy.ts";
import {
  installDocumentTools,
  lintDocument,
  postmanRequests,
  sendPostman,
} from "../src/document-tools.ts";

// The document as tools of others read it, of the compiled contracts alone and with mounted ones.

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Exported models with booleans, missing values and labels alone. */
const MOUNTED = ["titanic_pipeline", "labels_alone"];

/** Nobody has sent the file of the job that the document shows. */
const WITHOUT_JOB = ["GET /jobs/:job_id", "DELETE /jobs/:job_id", "GET /jobs/:job_id/result"];

let folder: string;
let workspace: WorkspaceCopy;
let compiled: ApiProcess;
let mounted: ApiProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-document-"));
  await installDocumentTools(folder);
  workspace = await copyWorkspace();
  await cp(at("../../models"), workspace.file("models"), { recursive: true });
  for (const name of MOUNTED) {
    const { model, table, args } = await readCase(
      at("../../apps/api/test/fixtures/exported/"),
      name,
    );
    const given = [model, "--data", table, "--contract-name", name, ...args];
    const { code, text } = await addTo(workspace, ...given);
    expect(code, text).toBe(0);
  }
  compiled = await startApi();
  mounted = await startApi({
    variables: {
      MODELS_DIR: workspace.file("models"),
      DATA_DIR: workspace.file("data"),
      MAX_BODY_BYTES: "200000",
      MAX_BATCH_ROWS: "5000",
    },
  });
});
afterAll(async () => {
  await compiled?.[Symbol.asyncDispose]();
  await mounted?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Writes the document of a server for the tools. */
async function writeDocument({ url }: ApiProcess) {
  const text = await (await fetch(`${url}/openapi.json`)).text();
  await writeFile(join(folder, "openapi.json"), text);
  return JSON.parse(text);
}

test.each([
  ["of the compiled contracts", () => compiled],
  ["with mounted contracts", () => mounted],
])("the document %s follows the recommended rules of Redocly and Spectral", async (_of, api) => {
  await writeDocument(api());
  const { code, output } = await lintDocument(folder);
  expect(code, output).toBe(0);
});

test("the linters find what is wrong", async () => {
  const document = await writeDocument(compiled);
  delete document.paths["/predict"].post.operationId;
  await writeFile(join(folder, "openapi.json"), JSON.stringify(document));
  expect((await lintDocument(folder)).code).toBe(1);
});

test("no bound is one of float32, and models and contracts' features are named", async () => {
  const { paths } = await writeDocument(mounted);
  expect(JSON.stringify(paths)).not.toMatch(/e[+-](?:38|4\d)/);
  for (const name of MOUNTED) {
    const schema = paths[`/${name}/predict`].post.requestBody.content["application/json"].schema;
    expect(schema.$ref).toMatch(/^#\/components\/schemas\//);
  }
});

test("every request of a Postman import runs as it comes", async () => {
  const { paths } = await writeDocument(mounted);
  // A form's file is what its user picks; here, what the document shows.
  const file = (path: string): string =>
    paths[path].post.requestBody.content["multipart/form-data"].example.file;
  const requests = await postmanRequests(folder);
  expect(requests.length).toBeGreaterThan(80);
  const failed: string[] = [];
  const absent: string[] = [];
  for (const request of requests) {
    const { call, status, text } = await sendPostman(request, mounted.url, file);
    if (WITHOUT_JOB.includes(call) && status === 404) absent.push(call);
    else if (status < 200 || status > 299) failed.push(`${call} ${status} ${text}`);
  }
  expect(failed).toEqual([]);
  expect(absent.toSorted()).toEqual(WITHOUT_JOB.toSorted());
});
