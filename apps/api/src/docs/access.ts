import type { ErrorCode } from "@sepal/schema/error-codes";

/** What a server asks of its callers. */
export interface DocumentedAccess {
  /** Whether callers have to say who they are. */
  readonly guarded?: boolean;
}

/** How a caller says who it is. */
export const SECURITY_SCHEMES = {
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
  bearer: { type: "http", scheme: "bearer", description: "An API key." },
} as const;

/** Either of them. */
export const SECURITY: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }];

const OPEN_PATH = /^\/(?:$|health|metrics$|docs$|redoc$|openapi\.json$|v2\/health\/)/;

/** Which refusals of a caller a documented route can give. */
export function accessErrors(path: string, { guarded = false }: DocumentedAccess): ErrorCode[] {
  return guarded && !OPEN_PATH.test(path) ? ["unauthorized"] : [];
}
