// Imports are evaluated after the whole graph has been read, so all else comes by dynamic ones: the handlers come first.
import "./stop-signals.ts";

const { disableIncrementalMarking, retainTickShape } = await import("./server/v8-tuning.ts");
// Before a first collection, which loading the server can bring about.
disableIncrementalMarking();
retainTickShape();
await import("./start.ts");
