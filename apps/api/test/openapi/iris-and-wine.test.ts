import { expect, test } from "vitest";
import { openApiDocument } from "../../src/openapi/openapi.ts";
import { allEndpoints } from "../support/all-endpoints.ts";

const OWN_PATH = /^\/(?:iris|wine)\//;
const OWN_SCHEMA = /^(?:Iris|Wine)/;

function entriesNamed(pattern: RegExp, entries: object): [string, object][] {
  return Object.entries(entries).filter(([name]) => pattern.test(name));
}

/** An operation without the responses of errors, which come from one table for all contracts. */
function withoutErrors({ responses, ...operation }: Readonly<Record<string, object>>): object {
  return { ...operation, responses: Object.fromEntries(entriesNamed(/^2/, responses ?? {})) };
}

test("iris and wine are described as the snapshot shows", async () => {
  const { paths, components } = JSON.parse(JSON.stringify(openApiDocument(allEndpoints())));
  const operations = entriesNamed(OWN_PATH, paths).map(([path, item]) => [
    path,
    Object.fromEntries(
      Object.entries(item).map(([method, operation]) => [method, withoutErrors(operation)]),
    ),
  ]);
  const entries = {
    paths: Object.fromEntries(operations),
    schemas: Object.fromEntries(entriesNamed(OWN_SCHEMA, components.schemas)),
  };
  await expect(`${JSON.stringify(entries, null, 2)}\n`).toMatchFileSnapshot("iris-and-wine.json");
});
