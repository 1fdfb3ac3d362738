import { expect } from "vitest";
import { expectDocumented } from "../support/documented.ts";
import type { FuzzRequest } from "./requests.ts";
import type { FuzzReply } from "./send.ts";

/** The JSON of a reply; of one with bytes after it, the part in front; of several lines, the first. */
function jsonOf({ headers }: FuzzRequest, reply: FuzzReply): unknown {
  const { body } = reply;
  if (!/json|octet-stream/.test(reply.headers["content-type"] ?? "")) return undefined;
  const length = reply.headers["inference-header-content-length"];
  const end = typeof length === "string" ? Number(length) : body.length;
  const text = body.subarray(0, end).toString();
  if (text === "") return undefined;
  if (reply.headers["content-type"]?.includes("ndjson") === true) return text;
  if (headers["trpc-accept"] === undefined) return JSON.parse(text);
  // tRPC gives its streams the type of one JSON value.
  const values = text.split("\n").filter((line) => line.trim() !== "");
  for (const line of values) JSON.parse(line);
  return values.length === 1 ? JSON.parse(text) : undefined;
}

/** Holds a reply of tRPC against what its clients read: results and errors, whose status is the reply's own where they agree. */
function judgeCall({ status }: FuzzReply, json: unknown): void {
  if (json === undefined) return;
  for (const answer of [json].flat()) {
    expect(answer).toSatisfy((each: object) => "result" in each !== "error" in each);
    const data: unknown = Object(Object(answer).error).data;
    if (data === undefined || status === 207) continue;
    if (!Array.isArray(json)) expect(data).toMatchObject({ httpStatus: status });
  }
}

/** Whether a status of the server's own fault is one that the request asked for. */
function askedFor({ headers }: FuzzRequest, status: number): boolean {
  const deadline = headers["x-request-timeout-ms"];
  return status === 504 && (deadline === "0" || deadline === "1");
}

function readable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether the request was refused for its head, which is read before its method is looked at. */
function refusedHead({ headers, path }: FuzzRequest, status: number): boolean {
  const deadline = headers["x-request-timeout-ms"];
  const wrong = deadline !== undefined && !/^\d{1,9}$/.test(deadline);
  return status === 400 && (wrong || !readable(path));
}

/** Fails where a reply blames the server, contradicts the document or is none that its client could read. */
export function judge(request: FuzzRequest, reply: FuzzReply): void {
  const { status, headers } = reply;
  const shown = `${request.method} ${request.path} ${JSON.stringify(request.headers)} ${reply.body.toString().slice(0, 500)}`;
  if (!askedFor(request, status)) expect(status, shown).toBeLessThan(500);
  expect(headers["x-request-id"] ?? "", shown).toMatch(/^[\w.:-]{1,128}$/);
  if (status === 405) expect(headers.allow ?? "no allow", shown).toMatch(/^[A-Z]+(?:, [A-Z]+)*$/);
  const json = jsonOf(request, reply);
  const [path = ""] = request.path.split("?");
  if (path.startsWith("/trpc")) return judgeCall(reply, json);
  if (refusedHead(request, status)) return;
  const contentType = headers["content-type"] ?? null;
  expectDocumented({ method: request.method, path, status, contentType, body: json });
}
