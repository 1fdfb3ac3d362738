import { describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { send } from "../support/json-request.ts";
import { PASSWORD, startWithUsers } from "../support/user-server.ts";
import { startRedis, WITHOUT_REDIS } from "../support/redis-server.ts";

/** Starts the API and waits until it is ready, without a call that is counted. */
async function startUnasked(variables: Record<string, string>) {
  const api = await startApi({ variables, ready: false });
  const listening = () => api.log.filter((line) => line["msg"] === "listening").length;
  await eventually(() => listening() === Number(variables["WORKERS"] ?? 1), "all listen");
  await eventually(async () => (await fetch(`${api.url}/health/ready`)).ok, "ready");
  return api;
}

/** Calls until the quota is used up, several at a time; returns how many were let in. */
async function letIn(
  apis: readonly ApiProcess[],
  calls: number,
  from: Record<string, string> = {},
): Promise<number> {
  let good = 0;
  for (let sent = 0; sent < calls; sent += 10) {
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const { url } = apis[index % apis.length] ?? apis[0] ?? { url: "" };
        return send(`${url}/predict`, requestOf(GOOD, { connection: "close", ...from }));
      }),
    );
    for (const { status } of replies) {
      // One of the processes may still be loading: that call was let in too.
      expect([200, 429, 503]).toContain(status);
      if (status !== 429) good += 1;
    }
  }
  return good;
}

const RATE_LIMIT = "20/hour";

const lines = (apis: readonly ApiProcess[], message: RegExp) =>
  apis.flatMap(({ log }) => log.filter(({ msg }) => message.test(String(msg)))).length;

/** How often Redis was not asked any more. */
const losses = (apis: readonly ApiProcess[]) => lines(apis, /^Redis does not count calls/);

/**
 * Counts at one address after the other until the count is as expected, and returns the headers of that address. A server
 * waits 200 ms for Redis and then counts by itself: another count is good only where the log says so.
 */
async function countedByRedis(
  apis: readonly ApiProcess[],
  expected: number,
  count: (from: Record<string, string>) => Promise<number>,
): Promise<Record<string, string>> {
  for (let seen = 0, host = 1; ; host += 1) {
    const from = { "x-forwarded-for": `203.0.113.${host}` };
    const counted = await count(from);
    if (counted === expected) return from;
    await eventually(() => losses(apis) > seen, `Redis is lost, which explains ${counted}`);
    await eventually(async () => {
      await letIn(apis, 10, { "x-forwarded-for": "203.0.112.1" });
      seen = losses(apis);
      return lines(apis, /^Redis counts calls again/) === seen;
    }, "Redis is back");
  }
}

test("all processes of a server spend one quota", async () => {
  await using api = await startUnasked({ RATE_LIMIT, WORKERS: "2" });
  expect(await letIn([api], 60)).toBe(20);
});

describe.skipIf(WITHOUT_REDIS !== undefined)(
  WITHOUT_REDIS === undefined ? "with Redis" : `with Redis: skipped, for ${WITHOUT_REDIS}`,
  () => {
    test("all servers spend one quota, which outlives them", async () => {
      await using redis = await startRedis();
      const variables = { RATE_LIMIT, REDIS_URL: redis.url, TRUST_PROXY: "true" };
      let from: Record<string, string>;
      {
        await using first = await startUnasked({ ...variables, WORKERS: "2" });
        await using second = await startUnasked(variables);
        const apis = [first, second];
        from = await countedByRedis(apis, 20, (address) => letIn(apis, 60, address));
      }
      await using third = await startUnasked(variables);
      const { status, headers } = await send(`${third.url}/predict`, requestOf(GOOD, from));
      expect(status).toBe(429);
      expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(180);
    });

    test("logins: failures are counted for all servers, successful ones given back", async () => {
      await using redis = await startRedis();
      await using users = await startWithUsers({ REDIS_URL: redis.url });
      await using other = await startApi({
        variables: { ...users.variables, TRUST_PROXY: "true", REDIS_URL: redis.url },
      });
      const urls = [users.api.url, other.url];
      const login = async (url: string, password: string, from: Record<string, string>) =>
        (await send(`${url}/login`, requestOf({ username: "ada", password }, from))).status;
      const from = await countedByRedis([users.api, other], 5, async (address) => {
        for (let round = 0; round < 3; round += 1) {
          for (const url of urls) expect(await login(url, PASSWORD, address)).toBe(200);
        }
        const wrong = await Promise.all(
          urls.flatMap((url) =>
            Array.from({ length: 5 }, () => login(url, "wrong password", address)),
          ),
        );
        return wrong.filter((status) => status === 401).length;
      });
      for (const url of urls) expect(await login(url, PASSWORD, from)).toBe(429);
    });

    const faults = (api: ApiProcess) =>
      api.log.filter((line) => String(line["msg"]).startsWith("Redis "));

    test("a Redis that was never there refuses nobody, and the quota holds on this machine", async () => {
      const REDIS_URL = "redis://127.0.0.1:1";
      await using api = await startUnasked({ RATE_LIMIT, REDIS_URL, WORKERS: "2" });
      expect(await letIn([api], 60)).toBe(20);
      await eventually(() => faults(api).length >= 1, "the fault is told");
    });
  },
);
