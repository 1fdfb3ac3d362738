import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Writes a file that follows from the code; with `--check` only says whether it is as it would be written. */
export function writeGenerated(file: string, text: string): void {
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`${file} is out of date: pnpm fix writes it`);
    process.exitCode = 1;
  }
}
