import { fileURLToPath } from "node:url";
import { addModel } from "./add-model.ts";
import { HELP, readOptions } from "./command-options.ts";
import { printable } from "./printable.ts";
import { Refusal } from "./refusal.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

try {
  const options = readOptions(process.argv.slice(2));
  const text = options === undefined ? HELP : await addModel(options, root);
  process.stdout.write(printable(text));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(printable(`models:add: ${error.message}\nNothing was written.\n`));
  process.exitCode = 1;
}
