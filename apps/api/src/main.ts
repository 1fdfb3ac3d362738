// Imports are evaluated after the whole graph has been read, so the server comes by a dynamic one: the handlers come first.
import "./stop-signals.ts";
import { keepTickShape } from "./server/keep-tick-shape.ts";
import { markAtOnce } from "./server/mark-at-once.ts";

// Before a first collection, which loading the server can bring about.
markAtOnce();
keepTickShape();
await import("./start.ts");
