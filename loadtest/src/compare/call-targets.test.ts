import { createTRPCClient, httpBatchLink, httpLink, type TRPCClient } from "@trpc/client";
import { initTRPC } from "@trpc/server";
import { expect, test } from "vitest";
import * as z from "zod";
import { trpcBatchLink } from "../harness/peers.ts";
import { CALL_TARGETS } from "./call-targets.ts";

const t = initTRPC.create();
const router = t.router({
  predict: t.procedure
    .input(z.object({ features: z.array(z.number()) }))
    .mutation(() => ({ class: 0 })),
  predictBatch: t.procedure
    .input(z.object({ rows: z.array(z.array(z.number())) }))
    .mutation(() => ({ predictions: [] })),
});

type Router = typeof router;

const rows = [1, 2, 3, 4, 5].map((value) => [value, 2, 3, 4.5]);

/** Paths and bodies that a link of the stock client sends for calls made at once. */
async function sent(
  link: typeof httpLink | typeof httpBatchLink,
  call: (client: TRPCClient<Router>) => readonly Promise<unknown>[],
) {
  const requests: { path: string; body: unknown }[] = [];
  const url = "http://sepal.test/trpc";
  const fetch = (to: unknown, options?: { body?: unknown }) => {
    requests.push({ path: String(to).replace("http://sepal.test", ""), body: options?.body });
    return Promise.reject(new Error("not sent"));
  };
  await Promise.allSettled(call(createTRPCClient<Router>({ links: [link({ url, fetch })] })));
  return requests;
}

const predictEach = (all: typeof rows) => (client: TRPCClient<Router>) =>
  all.map((features) => client.predict.mutate({ features }));

test.each([
  ["trpc", httpLink, 1],
  ["trpc-batch-1", httpBatchLink, 1],
  ["trpc-batch-5", httpBatchLink, 5],
] as const)("%s is what the stock client sends", async (name, link, count) => {
  const target = CALL_TARGETS.find((candidate) => candidate.name === name);
  if (target === undefined) throw new Error(`no target ${name}`);
  const { path, format } = target.endpoint(target);
  const calls = rows.slice(0, count);
  expect(target.rows).toBe(count);
  const body = JSON.stringify(format.body(calls));
  expect(await sent(link, predictEach(calls))).toEqual([{ path, body }]);
});

test.each([
  [100, predictEach],
  [
    101,
    (all: typeof rows) => (client: TRPCClient<Router>) => [
      client.predictBatch.mutate({ rows: all }),
    ],
  ],
] as const)("the batch link's row sends %i rows as the stock client does", async (count, call) => {
  const all = Array.from({ length: count }, (_, index) => [index, 2, 3, 4.5]);
  const { path, format } = trpcBatchLink({ rows: count });
  const body = JSON.stringify(format.body(all));
  expect(await sent(httpBatchLink, call(all))).toEqual([{ path, body }]);
});
