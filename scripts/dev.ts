import { runServers } from "./servers.ts";

runServers([
  ["--watch", "apps/api/src/main.ts"],
  ["apps/web/main.ts", "dev"],
]);
