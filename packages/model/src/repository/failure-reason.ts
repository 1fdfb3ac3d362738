/** Failures that may pass while the file stays the same. */
const PASSING = new Set(["EAGAIN", "EIO", "EMFILE", "ENFILE", "ENOMEM", "ESTALE"]);

/** A failure that another process reports, of which it says that it may pass. */
export class PassingFailure extends Error {
  override readonly name = "PassingFailure";
}

/** Whether the same thing may succeed at another time, because the system failed and not the file. */
export function mayPass(error: unknown): boolean {
  if (error instanceof PassingFailure) return true;
  return error instanceof Error && "code" in error && PASSING.has(String(error.code));
}

/** Words for a reader of the API: of a system error its code, because its message holds paths. */
export function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const system = "code" in error && "syscall" in error;
  return system ? `${String(error.code)} (${String(error.syscall)})` : error.message;
}
