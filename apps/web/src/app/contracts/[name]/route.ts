import { findContract } from "@/server/contracts.ts";

interface RouteContext {
  readonly params: Promise<{ name: string }>;
}

/** A contract for the views that choose one in the browser. */
export async function GET(_request: Request, { params }: RouteContext): Promise<Response> {
  const contract = await findContract((await params).name);
  return contract === undefined
    ? Response.json({ detail: "there is no such contract" }, { status: 404 })
    : Response.json(contract);
}
