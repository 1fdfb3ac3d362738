import { me, type Me } from "@sepal/schema/login";
import * as z from "zod";
import type { CallContext } from "../context.ts";
import type { Operation } from "./operation.ts";

/** The credential of a caller, by the first part of its name. */
const CREDENTIALS: ReadonlyMap<string, NonNullable<Me["credential"]>> = new Map([
  ["user", "token"],
  ["oidc", "oidc_token"],
  ["key", "api_key"],
  ["admin", "admin_key"],
]);

/** The sender of a request, as the log names it. */
export const getMe = {
  input: z.strictObject({}).optional(),
  output: me,
  run(_input: object | undefined, { caller, expires }: CallContext) {
    const [kind = ""] = caller?.split(":", 1) ?? [];
    return {
      caller: caller ?? null,
      credential: CREDENTIALS.get(kind) ?? null,
      expires_at: expires === undefined ? null : new Date(expires).toISOString(),
    };
  },
} satisfies Operation<object | undefined, Me>;
