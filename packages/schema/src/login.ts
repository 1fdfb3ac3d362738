import * as z from "zod";

/** Body of `POST /login`. */
export const loginRequest = z
  .strictObject({
    username: z
      .string()
      .min(1)
      .max(64)
      .meta({ examples: ["ada"] }),
    password: z.string().min(1).max(1024).meta({ format: "password" }),
  })
  .meta({ id: "LoginRequest" });

/** A bearer token, in the names of RFC 6749. */
export const loginResponse = z
  .object({
    access_token: z.string().meta({ description: "For `Authorization: Bearer …`." }),
    token_type: z.literal("bearer"),
    expires_in: z.int().min(1).meta({ description: "Seconds the token is good for." }),
  })
  .meta({ id: "LoginResponse" });
