import type { Contract } from "@sepal/schema/define-contract";
import { credentialHeaders } from "./credentials.ts";
import { PATH_PREFIX } from "./path-prefix.ts";
import type { Target } from "./predictor.ts";
import { recordRequests, type RequestTiming, requestTiming } from "./resource-timing.ts";
import { type Row, rowBody } from "./row.ts";
import { parseServerTiming, type ServerTiming } from "./server-timing.ts";

/** The protocols that the same prediction is made over. */
export const PROTOCOLS = ["trpc", "rest"] as const;

/** See {@link PROTOCOLS}. */
export type Protocol = (typeof PROTOCOLS)[number];

/** A request and its response as they were on the wire. */
export interface Exchange {
  readonly path: string;
  readonly requestBody: string;
  readonly status: number;
  /** Of the response, by name. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly requestId: string | null;
  /** From the call to the last byte in the page's code, in milliseconds. */
  readonly total: number;
  readonly server: ServerTiming | null;
  readonly request: RequestTiming | null;
}

/** Where the API itself takes a prediction over a protocol; the page's own calls go there through the playground. */
function apiPath(protocol: Protocol, { name }: Contract): string {
  return protocol === "trpc" ? `/trpc/${name}.predict` : `/${name}/predict`;
}

/** Predicts one row over a protocol, and keeps what went over the wire. */
export async function exchange(
  protocol: Protocol,
  contract: Contract,
  { features, target }: { readonly features: Row; readonly target: Target },
  signal: AbortSignal,
): Promise<Exchange> {
  recordRequests();
  const path = apiPath(protocol, contract);
  const requestBody = JSON.stringify({ features: rowBody(contract, features), ...target });
  const started = performance.now();
  const response = await fetch(`${PATH_PREFIX}${protocol === "rest" ? "/api" : ""}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...credentialHeaders() },
    body: requestBody,
    signal,
  });
  const body = await response.text();
  const total = performance.now() - started;
  return {
    path,
    requestBody,
    status: response.status,
    headers: [...response.headers],
    body,
    requestId: response.headers.get("x-request-id"),
    total,
    server: parseServerTiming(response.headers.get("server-timing")),
    request: await requestTiming(response.url, started),
  };
}
