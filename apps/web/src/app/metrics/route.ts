import { connection } from "next/server";
import { metricsSnapshot } from "@/server/metrics-snapshot.ts";

/** Prometheus text of at most a second ago; `x-scraped-at` says when, in milliseconds since the epoch. */
export async function GET(): Promise<Response> {
  await connection();
  try {
    const { text, takenAt } = await metricsSnapshot();
    return new Response(text, {
      headers: {
        "cache-control": "no-store",
        "content-type": "text/plain; version=0.0.4; charset=utf-8",
        "x-scraped-at": String(takenAt),
      },
    });
  } catch {
    const headers = { "x-sepal-upstream": "unreachable" };
    const body = { detail: "the inference server is not responding", request_id: null };
    return Response.json(body, { status: 502, headers });
  }
}
