import { expect } from "vitest";
import { send, type Reply } from "./json-request.ts";

/** A REST route and the tRPC procedure that wraps the same operation. */
export const PREDICT = { route: "/predict", procedure: "predict" } as const;

/** See {@link PREDICT}. */
export const PREDICT_BATCH = { route: "/predict-batch", procedure: "predictBatch" } as const;

interface Twins {
  readonly route: string;
  readonly procedure: string;
}

/** Sends the same request to a REST route and to its tRPC twin, with nothing added. */
export async function sendToBoth(
  url: string,
  { route, procedure }: Twins,
  init: RequestInit,
): Promise<{ rest: Reply; trpc: Reply }> {
  const rest = await send(`${url}${route}`, init);
  const trpc = await send(`${url}/trpc/${procedure}`, init);
  return { rest, trpc };
}

/** A JSON text as the body of a POST. */
export function jsonPost(text: string): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: text };
}

/** Holds both replies against the same failure: status, the REST message, and tRPC's name of the code. */
export function expectFailure(
  { rest, trpc }: { rest: Reply; trpc: Reply },
  status: number,
  code: string,
): void {
  expect([rest.status, trpc.status]).toEqual([status, status]);
  for (const reply of [rest, trpc]) {
    expect(reply.headers.get("content-type")).toMatch(/^application\/json/);
    expect(reply.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  }
  const { data } = trpc.body.error;
  expect(rest.body.request_id).toBe(rest.headers.get("x-request-id"));
  expect(data.request_id).toBe(trpc.headers.get("x-request-id"));
  expect(data).toMatchObject({ code, httpStatus: status });
  expect(data.stack).toBeUndefined();
}
