import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";

// Told {"clockMs": n}, the process and its threads read a clock of the day that is n ms ahead, as after a wrong setting or
// a correction of it; the clock that only goes forward, `performance.now()`, is untouched by that, as on a real machine.
const KEY = "clock that jumps";
const RealDate = Date;

function sharedOffset(): Float64Array {
  const known = getEnvironmentData(KEY);
  if (known instanceof SharedArrayBuffer) return new Float64Array(known);
  const shared = new SharedArrayBuffer(8);
  setEnvironmentData(KEY, shared);
  return new Float64Array(shared);
}

const offset = sharedOffset();
const now = () => RealDate.now() + (offset[0] ?? 0);

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  get: (target, key, self) => (key === "now" ? now : Reflect.get(target, key, self)),
});

if (isMainThread) {
  process.on("message", (message) => {
    const { clockMs } = Object(message);
    if (typeof clockMs !== "number") return;
    offset[0] = clockMs;
    process.send?.("done");
  });
}
