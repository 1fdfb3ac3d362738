import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { irisRouter } from "./iris-router.ts";

createHTTPServer({ router: irisRouter }).listen(Number(process.argv[2]), "127.0.0.1");
