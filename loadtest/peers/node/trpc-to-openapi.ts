import { createServer } from "node:http";
import { createOpenApiHttpHandler } from "trpc-to-openapi";
import { irisRouter } from "./iris-router.ts";

const handler = createOpenApiHttpHandler({
  router: irisRouter,
  createContext: () => ({}),
  maxBodySize: 16 * 2 ** 20,
});

createServer((request, response) => {
  void handler(request, response);
}).listen(Number(process.argv[2]), "127.0.0.1");
