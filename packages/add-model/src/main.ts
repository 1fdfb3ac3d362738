import { fileURLToPath } from "node:url";
import { addModel } from "./add-model.ts";
import { HELP, readOptions } from "./command-options.ts";
import { Refusal } from "./refusal.ts";
import { report } from "./report.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

try {
  const options = readOptions(process.argv.slice(2));
  const text = options === undefined ? HELP : report(await addModel(options, root));
  process.stdout.write(text);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`models:add: ${error.message}\nNothing was written.\n`);
  process.exitCode = 1;
}
