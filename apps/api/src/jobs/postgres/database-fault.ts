/** What the way to the database says when there is none. */
const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/**
 * SQLSTATE classes of what passes or is the operator's to mend: connection, sign-in, no such database, rollback by
 * the server, resources, operator intervention, system.
 */
const SQLSTATE_CLASSES = new Set(["08", "28", "3D", "40", "53", "57", "58"]);

/** A standby takes no writes. */
const READ_ONLY = "25006";

/** A transaction that did nothing for too long was ended by the server. */
const IDLE_TRANSACTION = "25P03";

/** Failures of `pg` itself, which have no code. */
const MESSAGES = /connection (terminated|error)|timeout|not queryable|after calling end/i;

/** Why the database failed, in words without addresses; absent when something else did. */
export function databaseFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  if (NETWORK_CODES.has(code)) return "the database cannot be reached";
  if (/^[\dA-Z]{5}$/.test(code)) {
    const passes =
      code === READ_ONLY || code === IDLE_TRANSACTION || SQLSTATE_CLASSES.has(code.slice(0, 2));
    return passes ? `the database failed (${code})` : undefined;
  }
  return code === "" && MESSAGES.test(error.message) ? "the database does not answer" : undefined;
}
