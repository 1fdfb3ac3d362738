import type { ErrorCode } from "@sepal/schema/error-codes";
import type { RouteRules } from "../http/route-rules.ts";

/** What a server asks of its callers. */
export interface DocumentedAccess {
  /** Whether callers have to say who they are. */
  readonly guarded?: boolean;
  /** Whether there are admins, and so their routes. */
  readonly admins?: boolean;
  /** Whether calls are counted. */
  readonly limited?: boolean;
}

/** How a caller says who it is. */
export const SECURITY_SCHEMES = {
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "A token of `POST /login`, or an API key.",
  },
} as const;

/** Either of them. */
export const SECURITY: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }];

/** Which rejections of a caller a documented endpoint can give. */
export function accessErrors(
  rules: Partial<RouteRules> | undefined,
  access: DocumentedAccess,
): ErrorCode[] {
  if (rules?.access === "open") return [];
  const admin = rules?.access === "admin";
  return [
    ...(admin || access.guarded === true ? (["unauthorized"] as const) : []),
    ...(admin ? (["forbidden"] as const) : []),
    ...(access.limited === true ? (["too_many_requests"] as const) : []),
  ];
}
