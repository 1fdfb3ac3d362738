/** How to reach a Sepal server. */
export interface ClientOptions {
  /** Address of the API without a path, such as `http://localhost:8000`. */
  readonly url: string;
  /** Sent as `x-api-key`; a function is asked before every request. */
  readonly apiKey?: string | (() => string | undefined) | undefined;
  /** More headers, such as `authorization`; a function is asked before every request. */
  readonly headers?:
    | Readonly<Record<string, string>>
    | (() => Readonly<Record<string, string>>)
    | undefined;
  /** Longest wait for a response or the first part of a stream, all attempts included; 30 000 ms by default, 0 waits for ever. */
  readonly timeoutMs?: number | undefined;
  /** Further attempts after the server refused a call without running it (429, 503); 2 by default. */
  readonly retries?: number | undefined;
  /** Sends the calls of one moment in one request; off by default. */
  readonly batch?: boolean | undefined;
  /** Most calls in one request, the server's `MAX_CALLS`; further ones go in another. 100 by default. */
  readonly maxCalls?: number | undefined;
  /**
   * Whether predictions are computed here, with the server's bits, while the server is unreachable, too slow or full:
   * with the model that it last predicted with, where it publishes that. Each prediction then says `computed_by`.
   * `never` by default.
   */
  readonly local?: "never" | "when-unavailable" | undefined;
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** Headers of every request: the key and the caller's own. */
export function commonHeaders({ apiKey, headers }: ClientOptions): Record<string, string> {
  const key = typeof apiKey === "function" ? apiKey() : apiKey;
  const own = typeof headers === "function" ? headers() : headers;
  return { ...own, ...(key !== undefined && { "x-api-key": key }) };
}

/** Options of one call. */
export interface CallOptions {
  /** Gives the call up; the server drops it if it has not begun. */
  readonly signal?: AbortSignal;
}

/** What to do with the events of a subscription. */
export interface SubscribeOptions<Event> extends CallOptions {
  readonly onData: (event: Event) => void;
  /** The subscription is over because of a failure; `toFailure` reads it. */
  readonly onError?: (error: unknown) => void;
  /** The server has sent everything. */
  readonly onComplete?: () => void;
}

/** A running subscription. */
export interface Subscription {
  unsubscribe(): void;
}
