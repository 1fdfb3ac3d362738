import { createTRPCClient, httpBatchLink, httpLink } from "@trpc/client";
import { initTRPC } from "@trpc/server";
import { expect, test } from "vitest";
import * as z from "zod";
import { CALL_TARGETS } from "./call-targets.ts";

const t = initTRPC.create();
const router = t.router({
  predict: t.procedure
    .input(z.object({ features: z.array(z.number()) }))
    .mutation(() => ({ class: 0 })),
});

const rows = [1, 2, 3, 4, 5].map((value) => [value, 2, 3, 4.5]);

/** Path and body that a link of the stock client sends for a mutation with each row. */
async function sent(link: typeof httpLink | typeof httpBatchLink, calls: typeof rows) {
  const requests: { path: string; body: unknown }[] = [];
  const url = "http://sepal.test/trpc";
  const fetch = (to: unknown, options?: { body?: unknown }) => {
    requests.push({ path: String(to).replace("http://sepal.test", ""), body: options?.body });
    return Promise.reject(new Error("not sent"));
  };
  const client = createTRPCClient<typeof router>({ links: [link({ url, fetch })] });
  await Promise.allSettled(calls.map((features) => client.predict.mutate({ features })));
  return requests;
}

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
  expect(await sent(link, calls)).toEqual([{ path, body: JSON.stringify(format.body(calls)) }]);
});
