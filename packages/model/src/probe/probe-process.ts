import { defineContract } from "@sepal/schema/define-contract";
import { failureReason, mayPass } from "../repository/failure-reason.ts";
import type { Candidate, Verdict } from "../repository/admission.ts";
import { proveVersion } from "../repository/load-version.ts";
import { serveRequests } from "./serve-requests.ts";

// The process that a `VersionProbe` starts.

interface ProbeRequest extends Omit<Candidate, "contract"> {
  readonly contract: Parameters<typeof defineContract>[0];
}

await serveRequests(async (json): Promise<Verdict> => {
  const { version, contract, ...folder }: ProbeRequest = JSON.parse(json);
  try {
    return { digest: await proveVersion(folder, version, defineContract(contract)) };
  } catch (error) {
    return { reason: failureReason(error), passing: mayPass(error) };
  }
});
