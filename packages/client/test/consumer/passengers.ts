import { createClient, toFailure, type AppRouter } from "@sepal/client";
import { createTRPCClient, httpLink } from "@trpc/client";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { MountedContracts, MountedRouter } from "./sepal.d.ts";

declare const console: { log(text: string): void };
declare const process: { readonly argv: readonly string[] };

type Router = AppRouter & MountedRouter;
type Features = inferRouterInputs<Router>["titanic"]["predict"]["features"];
type Label = inferRouterOutputs<Router>["titanic"]["predict"]["label"];

const sepal = createClient<Router>({ url: process.argv[2] ?? "", retries: 0 });

const passenger = {
  cabin_class: 3,
  sex: "female",
  alone: false,
  fare: 39.209999084472656,
  port: "Q",
} as const satisfies Features;
const row: MountedContracts["titanic"]["row"] = [2, "male", 50.6, true, 28.35, "C"];

const { label, proba } = await sepal.titanic.predict.mutate({ features: passenger });
const known: Label = label;
const batch = await sepal.titanic.predictBatch.mutate({ rows: [row] });
const chunks: number[] = [];
for await (const { count } of await sepal.titanic.predictStream.mutate({ rows: [row, row] })) {
  chunks.push(count);
}
const { contributions } = await sepal.titanic.explain.mutate({ features: passenger });
const age: number[] = contributions.age;

// Those of the program are there as well.
const { label: species } = await sepal.iris.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2] });
const flower: "setosa" | "versicolor" | "virginica" = species;

// What the types rule out, the server refuses.
const { predict } = sepal.titanic;
const refused = await Promise.all([
  // @ts-expect-error -- a value that the column does not have
  predict.mutate({ features: { ...passenger, sex: "Female" } }).catch(toFailure),
  // @ts-expect-error -- a text where a number belongs
  predict.mutate({ features: { ...passenger, fare: "39" } }).catch(toFailure),
  // @ts-expect-error -- a column that may not be missing
  predict.mutate({ features: { ...passenger, sex: null } }).catch(toFailure),
  // @ts-expect-error -- a contract that the server does not have
  sepal.titanik.predict.mutate({ features: row }).catch(toFailure),
]);
const statuses = refused.map((each: object) => Reflect.get(each, "status"));

// Stock tRPC takes the same type.
const stock = createTRPCClient<Router>({ links: [httpLink({ url: `${process.argv[2]}/trpc` })] });
const again: string = (await stock.titanic.predict.mutate({ features: passenger })).label;
if (again !== label) throw new Error(again);

console.log(
  JSON.stringify({ known, proba, flower, statuses, chunks, age: age.length, rows: batch.count }),
);
