import { expect } from "vitest";
import { eventually, startApi, type ApiProcess } from "../test/support/api-process.ts";
import { GOOD, requestOf } from "../test/support/failures.ts";
import { send } from "../test/support/json-request.ts";
import { startRedis, WITHOUT_REDIS, type RedisServer } from "../test/support/redis-server.ts";
import { fault } from "./frame/fault.ts";
import { owned } from "./frame/owned.ts";
import { sized } from "../test/support/sized.ts";
import { startChanged } from "./frame/start-changed.ts";

/** Longest time that a call may take meanwhile, in milliseconds. */
const PATIENCE_MS = sized(5000, 150_000);

const TIMES = sized(10, 1);

interface Subject extends AsyncDisposable {
  readonly api: ApiProcess;
  readonly redis: RedisServer;
}

function arrange(
  start: (variables: Record<string, string>) => Promise<ApiProcess>,
): Promise<Subject> {
  return owned(async (parts) => {
    const redis = parts.use(await startRedis());
    const variables = { RATE_LIMIT: "1000000/hour", REDIS_URL: redis.url };
    return { redis, api: parts.use(await start(variables)) };
  });
}

async function check({ api, redis }: Subject): Promise<void> {
  const left = async () => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const { status, headers } = await send(`${api.url}/predict`, { ...requestOf(GOOD), signal });
    expect(status).toBe(200);
    return Number(headers.get("ratelimit-remaining"));
  };
  const told = () => api.log.filter(({ msg }) => String(msg).startsWith("Redis "));
  /** Calls until one more line is told, and no further one. */
  const tells = async (line: object) => {
    const before = told().length;
    await eventually(
      async () => (await left()) >= 0 && told().length > before,
      `the log tells ${JSON.stringify(line)}`,
    );
    expect(told()).toHaveLength(before + 1);
    expect(told().at(-1)).toMatchObject(line);
  };
  const back = { level: "info", msg: "Redis counts calls again" };
  let server = redis;
  try {
    await left();
    for (let time = 0; time < TIMES; time += 1) {
      server.signal("SIGSTOP");
      await tells({ level: "error", reason: "Redis did not respond in time" });
      server.signal("SIGCONT");
      await tells(back);
      await server[Symbol.asyncDispose]();
      await tells({ level: "error" });
      server = await startRedis(redis.port);
      await tells(back);
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

fault("Redis hangs, is killed and comes back", {
  promise:
    "Nobody is refused or waits for it, calls are counted closer by, and the log tells once of each loss and each return.",
  waits: true,
  cannot: WITHOUT_REDIS,
  arrange: () => arrange((variables) => startApi({ variables })),
  check,
  twin: {
    lacks: "a counter that stands in",
    arrange: () =>
      arrange((variables) =>
        startChanged({
          variables,
          changes: [
            {
              file: "src/rate-limit/quota-store.ts",
              text: "this.#restUntil = performance.now() + REST_MS;",
              by: "throw error;",
            },
          ],
        }),
      ),
    fails: /expected 500 to be 200/,
  },
});
