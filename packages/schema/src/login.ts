import * as z from "zod";

const credentials = {
  username: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ["ada"] }),
  password: z.string().min(1).max(1024).meta({ format: "password" }),
};

/** Body of `POST /login`. */
export const loginRequest = z.strictObject(credentials).meta({ id: "LoginRequest" });

/** The same as a form of OAuth 2.0 (RFC 6749, 4.3.2); its other parameters are ignored (3.2). */
export const loginForm = z.object({
  ...credentials,
  grant_type: z.literal("password").optional(),
});

const CREDENTIALS = ["token", "oidc_token", "api_key", "admin_key"] as const;

/** A bearer token, in the names of RFC 6749. */
export const loginResponse = z
  .object({
    access_token: z.string().meta({ description: "For `Authorization: Bearer …`." }),
    token_type: z.literal("bearer"),
    expires_in: z.int().min(1).meta({ description: "Seconds the token is good for." }),
  })
  .meta({ id: "LoginResponse" });

/** The sender of a request. */
export const me = z
  .object({
    caller: z.string().nullable().meta({
      description:
        "The name in the log, such as `user:ada` or `key:nightly`; `null` where no credential is needed.",
    }),
    // A nullable enum would be a union, which generators fail on.
    credential: z
      .string()
      .nullable()
      .meta({ override: { enum: [...CREDENTIALS, null] } }),
    expires_at: z.string().nullable().meta({
      description:
        "When the token ends, as ISO 8601; `null` for a key, which ends when it is revoked.",
    }),
  })
  .meta({ id: "Me" });

/** The same as a type. */
export type Me = z.infer<typeof me>;
