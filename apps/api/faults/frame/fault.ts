import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { FULL, sized } from "../../test/support/sized.ts";

const page = fileURLToPath(new URL("../../../../docs/faults.md", import.meta.url));

/** Longest time of a check with its server's start and end, in milliseconds. */
const timeout = 600_000;

/**
 * Gives the longest wait in milliseconds for what a promise says happens within `milliseconds`.
 * In small sizes a check waits for the condition, on a busy machine too; only at full size is the time itself judged.
 */
export type Within = (milliseconds: number) => number;

const keptWithin: Within = (milliseconds) => Math.max(milliseconds, sized(0, 240_000));
const twinWithin: Within = (milliseconds) => milliseconds;

/** A fault, what Sepal promises when it happens, and the proof that the promise is looked at. */
export interface Fault<Subject extends AsyncDisposable> {
  /** One sentence, word for word as in `docs/faults.md`. */
  readonly promise: string;
  /** Starts what is checked: real processes, ended with the subject. */
  readonly arrange: () => Promise<Subject>;
  /** Brings the fault about and throws where the promise is broken. */
  readonly check: (subject: Subject, within: Within) => Promise<void>;
  /** The same thing without its defence. */
  readonly twin: {
    /** What it lacks. */
    readonly lacks: string;
    readonly arrange: () => Promise<Subject>;
    /** What the check must say of it, so that it fails for the broken promise and not for another reason. */
    readonly fails: RegExp;
  };
  /** Why it cannot be tried on this machine; absent where it can. */
  readonly cannot?: string | undefined;
  /** Its checks wait more than they compute: in small sizes they and their neighbours run at once. */
  readonly waits?: boolean;
}

declare module "vitest" {
  interface TaskMeta {
    /** Read by `loadtest/src/experiments/faults.ts`. */
    fault?: { readonly name: string; readonly promise: string; readonly part: "kept" | "twin" };
  }
}

/** Registers a fault: its promise is kept, its twin breaks it, and `docs/faults.md` has its row. */
export function fault<Subject extends AsyncDisposable>(
  name: string,
  { promise, arrange, check, twin, cannot, waits = false }: Fault<Subject>,
): void {
  const title = cannot === undefined ? name : `${name} (skipped: ${cannot})`;
  describe(title, { concurrent: waits && !FULL, timeout }, () => {
    const tried = test.skipIf(cannot !== undefined);

    tried(`kept: ${promise}`, async ({ task }) => {
      task.meta.fault = { name, promise, part: "kept" };
      await using subject = await arrange();
      await check(subject, keptWithin);
    });

    // A twin takes as long as its fault, and changes with the defence alone: at full size only.
    if (FULL) {
      tried(`can fail: ${twin.lacks}`, async ({ task }) => {
        task.meta.fault = { name, promise, part: "twin" };
        await using subject = await twin.arrange();
        const said = await check(subject, twinWithin).then(() => "nothing", String);
        expect(said, `the check of "${name}" reports of its twin`).toMatch(twin.fails);
      });
    }

    test("stands in docs/faults.md", ({ task }) => {
      const file = basename(task.file.filepath);
      const row = readFileSync(page, "utf8")
        .split("\n")
        .find((line) => line.includes(`apps/api/faults/${file})`) && line.includes(`| ${name} `));
      expect(row, `a row of "${name}" with a link to ${file}`).toContain(`| ${promise} `);
    });
  });
}
