import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi } from "./api-process.ts";
import { GOOD, requestOf } from "./failures.ts";
import { identityCommand } from "./identity-command.ts";
import { send } from "./json-request.ts";

/** What tokens are signed with. */
export const SECRET = "0123456789abcdef0123456789abcdef";
/** What every user has. */
export const PASSWORD = "correct horse battery";

/** A server with the users ada and cleo, that believes whom a request says it is for. */
export async function startWithUsers(more: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "sepal-users-"));
  const variables = { USERS_FILE: join(folder, "users"), JWT_SECRET: SECRET };
  await identityCommand(["users", "add", "ada"], variables, `${PASSWORD}\n`);
  await identityCommand(["users", "add", "cleo"], variables, `${PASSWORD}\n`);
  const api = await startApi({
    variables: { ...variables, JWT_TTL_S: "600", TRUST_PROXY: "true", ...more },
  });
  let address = 0;
  return {
    api,
    variables,
    /** Each from an address of its own, so that one test's attempts are not counted against another's. */
    login(username: unknown, password: unknown, headers: Record<string, string> = {}) {
      address += 1;
      const from = { "x-forwarded-for": `10.0.${address >> 8}.${address & 255}`, ...headers };
      return send(`${api.url}/login`, requestOf({ username, password }, from));
    },
    predictWith: (token: string, path = "/predict") =>
      send(api.url + path, requestOf(GOOD, { authorization: `Bearer ${token}` })),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
