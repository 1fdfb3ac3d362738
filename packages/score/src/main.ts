import { SepalError } from "@sepal/schema/sepal-error";
import { HELP, readOptions, UsageError } from "./command-options.ts";
import { showProgress } from "./progress.ts";
import { score } from "./score.ts";
import { TYPED_IN } from "./settings.ts";

/** Told by every run that ends before its result is whole. */
const FAILED = 1;
const BAD_ROW = 2;

function say(text: string): void {
  process.stderr.write(`score: ${text}\n`);
}

/** Does what the command says; gives its exit code. */
async function run(): Promise<number> {
  const { stderr } = process;
  const bar = stderr.isTTY ? showProgress(stderr) : undefined;
  let strict = false;
  try {
    const options = readOptions(process.argv.slice(2), TYPED_IN);
    if (options === undefined) {
      process.stdout.write(HELP);
      return 0;
    }
    ({ strict } = options);
    const { rows, badRows, seconds } = await score(options, {
      progress: (progress) => bar?.show(progress),
      started(discard) {
        for (const [signal, code] of [
          ["SIGINT", 130],
          ["SIGTERM", 143],
        ] as const) {
          process.once(signal, () => {
            discard();
            process.exit(code);
          });
        }
      },
    });
    bar?.done();
    const count = (value: number) => value.toLocaleString("en-US");
    say(`${count(rows)} rows in ${seconds.toFixed(1)} s, ${count(badRows)} of them bad`);
    return 0;
  } catch (error) {
    bar?.done();
    say(error instanceof Error ? error.message : String(error));
    if (error instanceof UsageError) process.stderr.write(`\n${HELP}`);
    const isBadRow = error instanceof SepalError && /^row \d/.test(error.message);
    return strict && isBadRow ? BAD_ROW : FAILED;
  }
}

process.exitCode = await run();
