/** Whom a route lets in: everybody, any known caller, or admins. */
export type Access = "open" | "known" | "admin";

/** Route option: everybody is let in, whatever keys and quotas there are. */
export const OPEN = { config: { access: "open" } } as const;

/** Route option: admins alone are let in. */
export const ADMIN = { config: { access: "admin" } } as const;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whom the route lets in; absent, known callers where keys are configured. */
    access?: Access;
  }
}
