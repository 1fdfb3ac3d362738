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
