import type { AppRouter } from "@sepal/api/router";
import { iris } from "@sepal/schema/contracts/iris";
import { defineContract } from "@sepal/schema/define-contract";
import { DEFAULT_LIMITS } from "@sepal/schema/limits";
import { createTRPCClient, httpLink } from "@trpc/client";
import { expectTypeOf } from "vitest";
import { contractEndpoints } from "../../src/endpoints/contract-endpoints.ts";
import { createRouter } from "../../src/endpoints/trpc-router.ts";

const links = [httpLink({ url: "http://127.0.0.1:8000/trpc" })];
const client = createTRPCClient<AppRouter>({ links });

/** Never called: the compiler is what tests it. */
export async function typedCalls() {
  const answer = await client.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2] });
  expectTypeOf(answer.label).toEqualTypeOf<"setosa" | "versicolor" | "virginica">();
  expectTypeOf(answer.class).toEqualTypeOf<number>();
  expectTypeOf(answer.proba).toEqualTypeOf<number[]>();
  expectTypeOf<Parameters<typeof client.predict.mutate>[0]["features"]>().toEqualTypeOf<
    readonly [number, number, number, number]
  >();

  // @ts-expect-error -- three features
  await client.predict.mutate({ features: [5.1, 3.5, 1.4] });
  // @ts-expect-error -- five features
  await client.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2, 1] });
  // @ts-expect-error -- a string
  await client.predict.mutate({ features: [5.1, 3.5, 1.4, "0.2"] });
  // @ts-expect-error -- null
  await client.predict.mutate({ features: [5.1, 3.5, 1.4, null] });
  // @ts-expect-error -- misspelt
  await client.predict.mutate({ feature: [5.1, 3.5, 1.4, 0.2] });
  // @ts-expect-error -- an unknown key
  await client.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2], threshold: 0.5 });
  // @ts-expect-error -- an unknown procedure
  await client.predictt.mutate({ features: [5.1, 3.5, 1.4, 0.2] });
  // @ts-expect-error -- a mutation is no query
  await client.predict.query({ features: [5.1, 3.5, 1.4, 0.2] });
  // @ts-expect-error -- no class of the contract
  if (answer.label === "rose") return;

  const glass = [14.1, 2, 2.4, 19, 103, 2.8, 2.9, 0.3, 2.4, 6.2, 1, 2.8, 1060] as const;
  const bottle = await client.wine.predict.mutate({ features: glass });
  expectTypeOf(bottle.label).toEqualTypeOf<"barolo" | "grignolino" | "barbera">();
  // @ts-expect-error -- a flower is no wine
  await client.wine.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2] });
  // @ts-expect-error -- a wine is no flower
  await client.predict.mutate({ features: glass });
  // @ts-expect-error -- no class of the contract
  if (bottle.label === "setosa") return;

  const batch = await client.iris.predictBatch.mutate({ rows: [[5.1, 3.5, 1.4, 0.2]] });
  expectTypeOf(batch.predictions[0]?.label).toEqualTypeOf<typeof answer.label | undefined>();
  // @ts-expect-error -- a row of three
  await client.predictBatch.mutate({ rows: [[5.1, 3.5, 1.4]] });

  // By name, in whatever order: the contract puts them right.
  const features = iris.toFeatures({
    petal_width: 0.2,
    petal_length: 1.4,
    sepal_width: 3.5,
    sepal_length: 5.1,
  });
  await client.predict.mutate({ features });
}

/** Iris with a feature renamed, one added and a class renamed. */
const renamed = defineContract({
  ...iris,
  features: [
    { type: "number", name: "stem_length", label: "Stem length", unit: "cm" },
    { type: "number", name: "sepal_width", label: "Sepal width", unit: "cm" },
    { type: "number", name: "petal_length", label: "Petal length", unit: "cm" },
    { type: "number", name: "petal_width", label: "Petal width", unit: "cm" },
    { type: "number", name: "petal_count", label: "Petals" },
  ],
  classes: ["setosa", "versicolor", "ensata"],
  examples: [{ name: "zeros", features: [0, 0, 0, 0, 0] }],
});

/** The router that a server of the renamed contract would have. */
function renamedRouter() {
  const options = { limits: DEFAULT_LIMITS, maxFileBytes: Infinity, workers: undefined };
  return createRouter(contractEndpoints(renamed, "", options));
}

/** Never called: the calls above, against the renamed contract. */
export async function callsOfYesterday() {
  const client = createTRPCClient<ReturnType<typeof renamedRouter>>({ links });
  // @ts-expect-error -- one feature too few now
  await client.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2] });
  const values = { sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2, petal_count: 3 };
  // @ts-expect-error -- the feature has another name now
  const features = renamed.toFeatures({ sepal_length: 5.1, ...values });
  const answer = await client.predict.mutate({ features });
  expectTypeOf(answer.label).toEqualTypeOf<"setosa" | "versicolor" | "ensata">();
  // @ts-expect-error -- the class has another name now
  if (answer.label === "virginica") return;
  await client.predict.mutate({ features: renamed.toFeatures({ stem_length: 5.1, ...values }) });
}
