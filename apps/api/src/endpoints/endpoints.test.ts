import { readdirSync } from "node:fs";
import { contracts } from "@sepal/schema/contracts/index";
import { RESERVED_NAMES } from "@sepal/schema/reserved-names";
import { expect, test } from "vitest";
import { endpointsOf } from "./endpoint.ts";
import { createEndpoints } from "./endpoints.ts";
import { oipEndpoints } from "./oip-endpoints.ts";

/** What a contract may be named at all. */
const NAME = /^[a-z][a-z0-9_]*$/;

const options = { limits: { maxBatchRows: 1 }, maxFileBytes: 1, workers: undefined, admins: true };
const endpoints = { ...createEndpoints(), ...oipEndpoints(options) };
const pages = new URL("../../../web/src/app", import.meta.url);

test.each([
  ...Object.keys(createEndpoints()),
  ...[...endpointsOf(endpoints)].flatMap(([, endpoint]) => {
    const paths = endpoint.kind === "asset" ? [endpoint.path] : [endpoint.rest?.path ?? ""];
    const aliases = endpoint.kind === "asset" ? [] : Object.values(endpoint.rest?.aliases ?? {});
    return [...paths, ...aliases].map((path) => path.split("/")[1] ?? "");
  }),
  ...readdirSync(pages, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name),
])("%s is no name for a mounted contract", (name) => {
  if (!NAME.test(name) || Object.hasOwn(contracts, name)) return;
  expect([...RESERVED_NAMES]).toContain(name);
});
