import { resolve } from "node:path";
import { contractData, type Contract } from "@sepal/schema/define-contract";
import { PassingFailure } from "./failure-reason.ts";
import { readVersionFiles, type ModelFolder, type VersionFiles } from "./model-files.ts";
import type { Engine } from "../engine.ts";
import { contractNamed, type ContractLookup } from "./contract-registry.ts";

/** A version that asks to serve, in a form that other threads and processes can take. */
export interface Candidate extends ModelFolder {
  readonly version: string;
  readonly contract: Contract;
  /** Of its files; another one whenever they have changed. */
  readonly stamp: string;
}

/** A version that may serve, and by what. */
export interface Admitted {
  /** SHA-256 of the manifest that was proved. */
  readonly digest: string;
  readonly engine: Engine;
}

/** What a probe says of a version: that it may serve, or why not. */
export type Verdict =
  | Admitted
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
  readonly contracts: ContractLookup;
}

/** The files of a version that was admitted. */
export interface AdmittedFiles extends VersionFiles {
  readonly engine: Engine;
}

/** Reads the files of a version that was admitted, and no others; throws with the reason where it was not. */
export async function readAdmittedFiles(
  folder: ModelFolder,
  { version, stamp }: Pick<Candidate, "version" | "stamp">,
  { admit, contracts }: AdmissionOptions,
): Promise<AdmittedFiles> {
  const contract = contractData(contractNamed(contracts, folder.file.contract));
  const path = resolve(folder.path);
  const verdict = await admit({ ...folder, path, version, stamp, contract });
  if ("digest" in verdict) {
    const { digest, engine } = verdict;
    return { ...(await readVersionFiles(folder, version, digest)), engine };
  }
  throw verdict.passing ? new PassingFailure(verdict.reason) : new Error(verdict.reason);
}
