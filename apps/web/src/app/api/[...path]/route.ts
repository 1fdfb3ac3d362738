import { forward } from "@/server/forward.ts";

function handle(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  return forward(request, pathname.slice("/api".length) + search);
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
