import { expect } from "vitest";
import type { ApiProcess } from "../../test/support/api-process.ts";
import { GOOD, requestOf } from "../../test/support/failures.ts";
import { send } from "../../test/support/json-request.ts";
import { sized } from "../../test/support/sized.ts";

/** Longest time that a prediction may take meanwhile, in milliseconds: much, for the machine is busy with the fault too. */
const PATIENCE_MS = sized(5000, 150_000);

/** Holds a server to answering others: predictions on new connections, none of them late. */
export async function othersAreServed({ url }: ApiProcess, calls = 20): Promise<void> {
  for (let call = 0; call < calls; call += 1) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const { status } = await send(`${url}/predict`, {
      ...requestOf(GOOD, { connection: "close" }),
      signal,
    });
    expect(status).toBe(200);
  }
}
