import type { DetailEntry } from "@sepal/schema/validation-detail";
import { credentialHeaders } from "./credentials.ts";
import { PATH_PREFIX } from "./path-prefix.ts";

/** The three forms in which the server can put the same error. */
export const FACES = ["fastapi", "problem", "trpc"] as const;

/** See {@link FACES}. */
export type Face = (typeof FACES)[number];

/** A server's response as received. */
export interface LessonReply {
  readonly status: number;
  /** The body, indented where it is JSON. */
  readonly text: string;
  readonly contentType: string;
  /** Broken rules, where the response lists them in FastAPI's form. */
  readonly detail: readonly DetailEntry[];
}

function detailOf(body: unknown): readonly DetailEntry[] {
  if (typeof body !== "object" || body === null || !("detail" in body)) return [];
  return Array.isArray(body.detail) ? body.detail : [];
}

/** Sends a text unchanged and returns the response in one of the three forms; rejects without one. */
export async function sendLesson(
  text: string,
  route: { readonly rest: string; readonly procedure: string },
  face: Face,
): Promise<LessonReply> {
  const response = await fetch(
    `${PATH_PREFIX}${face === "trpc" ? `/trpc/${route.procedure}` : `/api${route.rest}`}`,
    {
      method: "POST",
      headers: {
        ...credentialHeaders(),
        "content-type": "application/json",
        accept: face === "problem" ? "application/problem+json" : "application/json",
      },
      body: text,
    },
  );
  const raw = await response.text();
  const contentType = response.headers.get("content-type") ?? "";
  try {
    const body: unknown = JSON.parse(raw);
    const shown = raw.length > 20_000 ? `${raw.slice(0, 2000)}…` : JSON.stringify(body, null, 2);
    return { status: response.status, text: shown, contentType, detail: detailOf(body) };
  } catch {
    return { status: response.status, text: raw, contentType, detail: [] };
  }
}
