import { resolve } from "node:path";
import type { Contract } from "@sepal/schema/define-contract";
import { PassingFailure } from "./failure-reason.ts";
import { readVersionFiles, type ModelFolder, type VersionFiles } from "./model-files.ts";
import { contractNamed } from "../model-source.ts";

/** A contract without its functions, as other processes are sent it. */
type ContractData = Omit<Contract, "toFeatures">;

/** A version that asks to serve, in a form that other threads and processes can take. */
export interface Candidate extends ModelFolder {
  readonly version: string;
  readonly contract: ContractData;
  /** Of its files; another one whenever they have changed. */
  readonly stamp: string;
}

/** What a probe says: the digest of the manifest that it proved, or why the version may not serve. */
export type Verdict =
  | { readonly digest: string }
  | {
      readonly reason: string;
      /** Whether the same files may pass at another time. */
      readonly passing: boolean;
    };

/** What is said of a version when the process ends meanwhile. */
export const SHUTTING_DOWN: Verdict = { reason: "the server is shutting down", passing: true };

/** Decides whether a version may be opened in this process; never rejects. */
export type Admit = (candidate: Candidate) => Promise<Verdict>;

interface AdmissionOptions {
  readonly admit: Admit;
  readonly contracts: Readonly<Record<string, Contract>>;
}

/** Reads the files of a version that was admitted, and no others; throws with the reason where it was not. */
export async function readAdmittedFiles(
  folder: ModelFolder,
  { version, stamp }: Pick<Candidate, "version" | "stamp">,
  { admit, contracts }: AdmissionOptions,
): Promise<VersionFiles> {
  const { toFeatures: _, ...contract } = contractNamed(contracts, folder.file.contract);
  const path = resolve(folder.path);
  const verdict = await admit({ ...folder, path, version, stamp, contract });
  if ("digest" in verdict) return readVersionFiles(folder, version, verdict.digest);
  throw verdict.passing ? new PassingFailure(verdict.reason) : new Error(verdict.reason);
}
