/** Version ff and ids of zeros alone are none. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/;

const SAMPLED = 1;

/** The fields of a `traceparent`: ids in hex, 32 and 16 digits. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether the caller keeps its spans of the trace. */
  readonly sampled: boolean;
}

/** Reads a `traceparent` header (W3C Trace Context); `undefined` where it is none. */
export function readTraceparent(header: string | string[] | undefined): TraceParent | undefined {
  if (typeof header !== "string") return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  // Bit by bit: a later version may set others.
  // oxlint-disable-next-line no-bitwise -- flags are bits
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** The `traceparent` header of a span. */
export function writeTraceparent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}
