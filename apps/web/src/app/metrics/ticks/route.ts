import { connection } from "next/server";
import { liveFeed } from "@/server/live-feed.ts";

/** What the server did since tick `since` of recording `id`: JSON of a `LiveFeed`. */
export async function GET(request: Request): Promise<Response> {
  await connection();
  const { searchParams } = new URL(request.url);
  const since = Number(searchParams.get("since") ?? 0);
  const feed = liveFeed(searchParams.get("id"), Number.isFinite(since) ? since : 0);
  return Response.json(feed, { headers: { "cache-control": "no-store" } });
}
