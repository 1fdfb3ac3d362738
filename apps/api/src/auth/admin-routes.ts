import type { FastifyInstance } from "fastify";
import type { Authenticator } from "./authenticator.ts";

/** Route option: only admins may call. */
const ADMIN = { config: { access: "admin" } } as const;

/** Declares routes for admins with the option it hands over; without an admin key they do not exist. */
export function adminRoutes(
  app: FastifyInstance,
  authenticator: Authenticator,
  declare: (app: FastifyInstance, admin: typeof ADMIN) => void,
): void {
  if (authenticator.hasAdmins) declare(app, ADMIN);
}
