import { failureReason, mayPass } from "../repository/failure-reason.ts";
import type { Verdict } from "../repository/admission.ts";
import { proveVersion } from "../repository/load-version.ts";
import { serveRequests } from "./serve-requests.ts";
import type { ProbeRequest } from "./version-probe.ts";

// The process that a `VersionProbe` starts.

await serveRequests(async (json): Promise<Verdict> => {
  const { version, contract, choice, ...folder }: ProbeRequest = JSON.parse(json);
  try {
    return await proveVersion(folder, version, contract, choice);
  } catch (error) {
    return { reason: failureReason(error), passing: mayPass(error) };
  }
});
