import { addEnvFile } from "./env-file.ts";

/** The model repository that commands work on, as the server finds it: `MODELS_DIR`, or `models` in this folder. */
export function repositoryFolder(): string {
  addEnvFile(".env", process.env);
  return process.env["MODELS_DIR"] || "models";
}
