import { isMainThread } from "node:worker_threads";

// The channel to the parent breaks however the parent ended, also when it was killed.
// Before the handler of node:cluster, whose exit waits for reads under way.
if (isMainThread)
  process.prependOnceListener("disconnect", () => process.kill(process.pid, "SIGKILL"));
