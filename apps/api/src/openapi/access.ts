import type { ErrorCode } from "@sepal/schema/error-codes";

/** What a server asks of its callers. */
export interface DocumentedAccess {
  /** Whether callers have to say who they are. */
  readonly guarded?: boolean;
  /** Whether there are admins, and so their routes. */
  readonly admins?: boolean;
  /** Whether calls are counted. */
  readonly limited?: boolean;
  /** Whether there are users, who can log in. */
  readonly users?: boolean;
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

const OPEN_PATH = /^\/(?:$|login$|health|metrics$|docs$|redoc$|openapi\.json$|v2\/health\/)/;

const ADMIN_PATH = /^\/v2\/repository\/models\//;

/** Which refusals of a caller a documented route can give. */
export function accessErrors(path: string, access: DocumentedAccess): ErrorCode[] {
  if (OPEN_PATH.test(path)) return [];
  const admin = ADMIN_PATH.test(path);
  return [
    ...(admin || access.guarded === true ? (["unauthorized"] as const) : []),
    ...(admin ? (["forbidden"] as const) : []),
    ...(access.limited === true ? (["too_many_requests"] as const) : []),
  ];
}
