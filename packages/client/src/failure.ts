/** Seconds of a `Retry-After` header, which is a number or a date; `null` when there is none. */
export function retryAfterSeconds(header: string | null, now = Date.now()): number | null {
  if (header === null || header.trim() === "") return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

/** One broken rule of an input, as FastAPI clients know it; `Name` is a feature's. */
export interface DetailEntry<Name extends string = string> {
  /** Pydantic's name of the rule, such as `greater_than`. */
  readonly type: string;
  /** Location: `body`, then keys and indices; with a contract, features of a list by name too. */
  readonly loc: readonly (Name | (string & {}) | number)[];
  /** The feature that breaks the rule, where one does and the contract is known. */
  readonly feature?: Name;
  /** The rule in words. */
  readonly msg: string;
  /** What was sent there, cut at 200 characters; absent where the server does not repeat it. */
  readonly input?: unknown;
}

/** The kind of a failure; `unreachable` is no response at all, `timeout` the client's own. */
export type FailureKind =
  | "aborted"
  | "timeout"
  | "unreachable"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "invalid"
  | "rate_limited"
  | "unavailable"
  | "deadline"
  | "other";

/** Why a call failed; `Name` is a feature's. */
export interface Failure<Name extends string = string> {
  readonly kind: FailureKind;
  readonly message: string;
  /** HTTP status; `null` without a response. */
  readonly status: number | null;
  /** Broken rules of a 422, at most 100; empty for everything else. */
  readonly detail: readonly DetailEntry<Name>[];
  /** How many rules were broken in all. */
  readonly errorsTotal: number;
  /** Whether the server refused the call without running it, so that it may be sent again. */
  readonly retryable: boolean;
  /** Seconds until another attempt makes sense; `null` when the server named none. */
  readonly retryAfter: number | null;
  /** What to name when asking the operator. */
  readonly requestId: string | null;
}

const KIND_OF_STATUS: Readonly<Record<number, FailureKind>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  422: "invalid",
  429: "rate_limited",
  502: "unreachable",
  503: "unavailable",
  504: "deadline",
};

const KIND_OF_CAUSE: ReadonlyMap<string, FailureKind> = new Map(
  Object.entries({
    AbortError: "aborted",
    TimeoutError: "timeout",
    TypeError: "unreachable",
  } as const),
);

interface ErrorData {
  readonly httpStatus?: number;
  readonly detail?: readonly DetailEntry[];
  readonly errors_total?: number;
  readonly request_id?: string;
}

/** What is read of a contract. */
interface Named<Name extends string> {
  readonly features: readonly { readonly name: Name }[];
}

/** An entry with its feature by name, wherever a list of the row or an object has it. */
function byFeature<Name extends string>(
  entry: DetailEntry,
  { features }: Named<Name>,
): DetailEntry<Name> {
  const at = entry.loc[1] === "features" ? 2 : entry.loc[1] === "rows" ? 3 : Infinity;
  const key = entry.loc[at];
  const { name } = features.find((feature, index) => index === key || feature.name === key) ?? {};
  const { feature: _, ...others } = entry;
  return name === undefined ? others : { ...others, loc: entry.loc.with(at, name), feature: name };
}

/** A `TRPCClientError`, whichever copy of tRPC it is of: the one in this package, or that of stock links. */
interface ClientError extends Error {
  readonly data?: ErrorData;
  readonly meta?: Readonly<Record<string, unknown>>;
}

function isOfTrpc(error: unknown): error is ClientError {
  return error instanceof Error && error.name === "TRPCClientError";
}

/**
 * Reads whatever a call of the client threw, or one with tRPC's own links; with a contract, broken rules name its features.
 *
 * @example
 * toFailure(error, contracts.iris).detail[0]?.loc; // ["body", "features", "sepal_length"]
 */
export function toFailure<Name extends string = string>(
  error: unknown,
  contract?: Named<Name>,
): Failure<Name> {
  const known = isOfTrpc(error) ? error : undefined;
  const data: ErrorData = known?.data ?? {};
  const sent = known?.meta?.["response"];
  const response = sent instanceof Response ? sent : undefined;
  const status = data.httpStatus ?? response?.status ?? null;
  const cause = known?.cause instanceof Error ? known.cause.name : "";
  const kind = KIND_OF_STATUS[status ?? 0] ?? KIND_OF_CAUSE.get(cause) ?? "other";
  const detail = (data.detail ?? []).map((entry) => byFeature(entry, contract ?? { features: [] }));
  return {
    kind,
    message: error instanceof Error ? error.message : String(error),
    status,
    detail,
    errorsTotal: data.errors_total ?? 0,
    retryable: kind === "rate_limited" || kind === "unavailable",
    retryAfter: retryAfterSeconds(response?.headers.get("retry-after") ?? null),
    requestId: data.request_id ?? response?.headers.get("x-request-id") ?? null,
  };
}
