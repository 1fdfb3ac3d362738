import { forward } from "@/server/forward.ts";

function handle(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  return forward(request, pathname + search);
}

export { handle as GET, handle as POST };
