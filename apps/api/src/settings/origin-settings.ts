import * as z from "zod";
import { list } from "./setting-rules.ts";

/** Whether a text is what a browser sends as `Origin`, such as `https://app.example`. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Whether an origin has a star in its host: the browser sends no such origin, so it would match nothing. */
function hasWildcard(origin: string): boolean {
  return origin !== "*" && origin.includes("*");
}

/** From where the API may be called: settings of the API, part of `settings.ts`. */
export const originSettings = {
  CORS_ORIGINS: list
    .refine((origins) => !origins.some(hasWildcard), {
      error:
        "must name each origin, since a * within one matches nothing; only * alone stands for every page",
      abort: true,
    })
    .refine((origins) => origins.every((origin) => origin === "*" || isOrigin(origin)), {
      error: "must be origins such as https://app.example, separated by commas, or *",
    })
    .default([])
    .meta({
      description: "Origins whose pages may call the API; * lets in every page.",
      rule: "origins, separated by commas, or *",
    }),
  ALLOWED_HOSTS: list.optional().meta({
    description:
      "Names in `Host` that the server answers to besides `localhost`, `127.0.0.1` and `[::1]`, others are 421; `*` takes any. A proxy on the same machine has its public name here.",
    default: "any; where `HOST` is a loopback address the host of `PUBLIC_API_URL`",
    rule: "names without port, separated by commas, or *",
  }),
  PUBLIC_API_URL: z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .optional()
    .meta({
      description: "Where clients find the API: one of its allowed hosts, and what snippets show.",
    }),
};
