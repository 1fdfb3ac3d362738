import { TRPCClientError } from "@trpc/client";

/** What a refused request says: the error of a call, or of the first one of a batch. */
async function errorOf(response: Response): Promise<object> {
  try {
    const body: unknown = await response.json();
    const { error } = Object(Array.isArray(body) ? body[0] : body);
    if (typeof error?.code === "number" && typeof error.message === "string") return { error };
  } catch {
    // A gateway's page, or an answer that broke off: the status says it.
  }
  return new Error(`${response.status} ${response.statusText}`);
}

/**
 * Gives an answer that is one, and throws the error of a request that was refused as a whole, which the link
 * of streams would take for a broken stream.
 */
export async function orRefusal(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (response.ok) return response;
  throw TRPCClientError.from(await errorOf(response), { meta: { response } });
}
