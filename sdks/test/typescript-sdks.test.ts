import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { startApi } from "../../apps/api/test/support/api-process.ts";
import { PREFIX, startPrefixProxy } from "../../apps/api/test/support/prefix-proxy.ts";
import { sharedApi } from "../../apps/api/test/support/shared-api.ts";
import { sized } from "../../apps/api/test/support/sized.ts";
import { tryHeyApi } from "../src/hey-api-sdk.ts";
import { tryOpenapiFetch } from "../src/openapi-fetch-sdk.ts";
import { verifySdk, type TrySdk } from "../src/trial.ts";

/** Verifies an SDK of the document at an address, used against the server that the document names. */
async function verifySdkOf(documentUrl: string, attempt: TrySdk): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sepal-sdk-"));
  try {
    const document = Object(await (await fetch(documentUrl)).json());
    const { href } = new URL(document.servers[0].url, documentUrl);
    await verifySdk(attempt, { document, folder, url: href.replace(/\/$/, "") });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test.each([
  ["hey-api", tryHeyApi],
  ["openapi-fetch", tryOpenapiFetch],
])("%s compiles, predicts, gives a typed 422 and uploads a file", async (_name, attempt) => {
  const api = await sharedApi();
  await verifySdkOf(`${api.url}/openapi.json`, attempt);
});

const STRIPPING = ["strips its path and names it", true, { TRUST_PROXY: "1" }] as const;
const LEAVING = ["leaves its path", false, { PATH_PREFIX: PREFIX }] as const;

// The other one's document is read in short by `path-prefix.test.ts`.
test.each(sized([STRIPPING, LEAVING], [STRIPPING]))(
  "so does hey-api behind a proxy that %s",
  async (_how, strips, variables) => {
    await using api = await startApi({ variables });
    await using proxy = await startPrefixProxy(api.url, strips);
    await verifySdkOf(`${proxy.url}${PREFIX}/openapi.json`, tryHeyApi);
  },
);
