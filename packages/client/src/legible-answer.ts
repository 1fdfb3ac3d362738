/** Gives a failure that is no JSON, such as a gateway's page, the form of the server's own. */
export async function legibleAnswer(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  const { status, statusText, headers } = response;
  if (response.ok || headers.get("content-type")?.includes("json") === true) return response;
  await response.body?.cancel();
  // -32603 is JSON-RPC's internal error; the status says what it was.
  const error = { message: `${status} ${statusText}`, code: -32_603, data: { httpStatus: status } };
  return new Response(JSON.stringify({ error }), { status, statusText, headers });
}
