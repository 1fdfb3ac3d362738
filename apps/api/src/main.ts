// Imports are evaluated after the whole graph has been read, so the server comes by a dynamic one: the handlers come first.
import "./stop-signals.ts";

await import("./start.ts");
