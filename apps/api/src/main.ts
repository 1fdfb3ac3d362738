// Imports are evaluated after the whole graph has been read, so all else comes by dynamic ones: the handlers come first.
import "./stop-signals.ts";

const { markAtOnce } = await import("./server/mark-at-once.ts");
const { keepTickShape } = await import("./server/keep-tick-shape.ts");
// Before a first collection, which loading the server can bring about.
markAtOnce();
keepTickShape();
await import("./start.ts");
