import type { Failure } from "@sepal/client";

const HINTS: Partial<Record<Failure["kind"], string>> = {
  unavailable: "The server is overloaded or restarting.",
  rate_limited: "Too many calls.",
  unreachable: "The server cannot be reached, or does not let this page in (CORS_ORIGINS).",
  timeout: "The server did not respond in time.",
};

/** Says why a call failed, and offers to send it again where that may help. */
export function FailureNote({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  const { kind, message, retryAfter, requestId } = failure;
  const hint = HINTS[kind];
  return (
    <div role="alert">
      <p>{hint ?? message}</p>
      {requestId !== null && <p>Request {requestId}</p>}
      {hint !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again{retryAfter !== null && ` (the server asks to wait ${retryAfter} s)`}
        </button>
      )}
    </div>
  );
}
