import { list } from "../settings/setting-rules.ts";

/** Whether a text is what a browser sends as `Origin`, such as `https://app.example`. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Pages that may call: settings of the API, part of `settings.ts`. */
export const originSettings = {
  CORS_ORIGINS: list
    .refine((origins) => origins.every((origin) => origin === "*" || isOrigin(origin)), {
      error: "must be origins such as https://app.example, separated by commas, or *",
    })
    .default([])
    .meta({
      description: "Origins whose pages may call the API; * lets in every page.",
      rule: "origins, separated by commas, or *",
    }),
};
