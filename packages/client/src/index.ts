export type { CallOptions, SubscribeOptions, Subscription } from "./call-options.ts";
export type { ClientOptions } from "./client-options.ts";
export { contracts } from "./contracts.ts";
export { createClient, type SepalClient } from "./create-client.ts";
export { toFailure, type DetailEntry, type Failure, type FailureKind } from "./failure.ts";
