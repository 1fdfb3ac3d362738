import type { ErrorCode } from "@sepal/schema/error-codes";

/** What a server asks of its callers. */
export interface DocumentedAccess {
  /** Whether callers have to say who they are. */
  readonly guarded?: boolean;
  /** Whether there are admins, and so their routes. */
  readonly admins?: boolean;
}

/** How a caller says who it is. */
export const SECURITY_SCHEMES = {
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
  bearer: { type: "http", scheme: "bearer", description: "An API key." },
} as const;

/** Either of them. */
export const SECURITY: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }];

const OPEN_PATH = /^\/(?:$|health|metrics$|docs$|redoc$|openapi\.json$|v2\/health\/)/;

const ADMIN_PATH = /^\/v2\/repository\/models\//;

/** Which refusals of a caller a documented route can give. */
export function accessErrors(path: string, { guarded = false }: DocumentedAccess): ErrorCode[] {
  if (ADMIN_PATH.test(path)) return ["unauthorized", "forbidden"];
  return guarded && !OPEN_PATH.test(path) ? ["unauthorized"] : [];
}
