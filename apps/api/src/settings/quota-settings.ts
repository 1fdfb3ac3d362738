import { isIP } from "node:net";
import * as z from "zod";

/** How many calls one caller may make in a time. */
export interface QuotaPolicy {
  /** Distinguishes policies that count the same caller. */
  readonly name: string;
  /** Calls in a window, and the most at once. */
  readonly limit: number;
  /** Length of the window, in milliseconds. */
  readonly windowMs: number;
}

const WINDOWS_MS = { second: 1000, minute: 60_000, hour: 3_600_000 };

const RATE = /^([1-9]\d{0,8})\/(second|minute|hour)$/;

const rate = z.string().transform((text, context): QuotaPolicy => {
  const [, limit, window] = RATE.exec(text.trim()) ?? [];
  if (window === "second" || window === "minute" || window === "hour") {
    return { name: "calls", limit: Number(limit), windowMs: WINDOWS_MS[window] };
  }
  context.addIssue("must be such as 100/second, 5/minute or 1000/hour");
  return z.NEVER;
});

function isNetwork(text: string): boolean {
  const [address = "", prefix] = text.split("/");
  const family = isIP(address);
  if (family === 0) return ["loopback", "linklocal", "uniquelocal"].includes(text);
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
  );
}

const TRUST_RULE =
  "must be true, false, a number of proxies, or addresses and networks separated by commas";

/** Whose `X-Forwarded-For` is believed; a number is that of the proxies in front of the server. */
const trust = z.string().transform((text, context): boolean | number | string[] => {
  const value = text.trim();
  if (value === "true" || value === "false") return value === "true";
  if (/^[1-9]\d?$/.test(value)) return Number(value);
  const networks = value.split(",").map((item) => item.trim());
  if (!networks.every(isNetwork)) context.addIssue(TRUST_RULE);
  return networks;
});

/** How much a caller may call: settings of the API, part of `settings.ts`. */
export const quotaSettings = {
  RATE_LIMIT: rate.optional().meta({
    description: "Limit of calls per key, user or address; each call of a tRPC batch counts.",
  }),
  TRUST_PROXY: trust.default(false).meta({
    description: "Proxies whose `X-Forwarded-For` is trusted for the caller's address.",
  }),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: "must be a redis or rediss address" })
    .optional()
    .meta({ description: "Redis that keeps the rate limits of several machines.", secret: true }),
};

const quota = z.object(quotaSettings);

/** The settings of this part, as the server uses them. */
export type QuotaSettings = z.infer<typeof quota>;
