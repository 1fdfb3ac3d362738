import type { Logger } from "pino";
import type { QuotaPolicy } from "../settings/quota-settings.ts";
import type { Authenticator } from "./authenticator.ts";

/** Writes one line at start: who may call, how often, and by which names the server is reached. */
export function tellWhoMayCall(
  logger: Logger,
  { guarded, hasAdmins }: Authenticator,
  rateLimit: QuotaPolicy | undefined,
  hosts: ReadonlySet<string> | undefined,
): void {
  const quota =
    rateLimit === undefined ? "none" : `${rateLimit.limit} calls in ${rateLimit.windowMs / 1000} s`;
  const line = {
    callers: guarded ? "known" : "anybody",
    admin_routes: hasAdmins,
    quota,
    allowed_hosts: hosts === undefined ? "any" : [...hosts].join(","),
  };
  if (guarded) logger.info(line, "only known callers are let in");
  else logger.info(line, "no keys or users are configured: everybody is let in");
}
