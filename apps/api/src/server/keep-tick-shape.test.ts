import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";

const MODULE = new URL("./keep-tick-shape.ts", import.meta.url).href;

/** Uses the queue and collects in turn, then prints what V8 knows of the stores in `process.nextTick`. */
const PROGRAM = `
  import { keepTickShape } from ${JSON.stringify(MODULE)};
  if (process.argv[1] === "kept") keepTickShape();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const use = async () => {
    for (let tick = 0; tick < 1000; tick++) {
      process.nextTick(() => {});
      if (tick % 100 === 0) await turn();
    }
    await turn();
  };
  for (let collection = 0; collection < 8; collection++) {
    await use();
    gc();
  }
  await use();
  const feedback = new Function("f", "return %GetFeedback(f)")(process.nextTick);
  const stores = feedback.filter(([kind]) => kind.startsWith("DefineKeyedOwn"));
  console.log(JSON.stringify(stores.map(([, state]) => state.split("\\n")[0])));
`;

function stores(how: "kept" | "forgotten"): unknown {
  const flags = ["--expose-gc", "--allow-natives-syntax", "--input-type=module", "--eval", PROGRAM];
  return JSON.parse(execFileSync(process.execPath, [...flags, how], { encoding: "utf8" }));
}

describe("the shape of nextTick's objects", () => {
  test("is known after several collections", () => {
    expect(stores("kept")).toEqual(Array(5).fill("MONOMORPHIC"));
  });

  // Fails once V8 or Node no longer needs this; the file can go then.
  test("is forgotten where none of them is kept", () => {
    expect(stores("forgotten")).toContain("MEGAMORPHIC");
  });
});
