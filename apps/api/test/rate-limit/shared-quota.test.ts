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

/** Calls until the quota is used up, several at a time; gives how many were let in. */
async function letIn(apis: readonly ApiProcess[], calls: number): Promise<number> {
  let good = 0;
  for (let sent = 0; sent < calls; sent += 10) {
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const { url } = apis[index % apis.length] ?? apis[0] ?? { url: "" };
        return send(`${url}/predict`, requestOf(GOOD, { connection: "close" }));
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

test("all processes of a server spend one quota", async () => {
  await using api = await startUnasked({ RATE_LIMIT, WORKERS: "2" });
  expect(await letIn([api], 60)).toBe(20);
});

describe.skipIf(WITHOUT_REDIS !== undefined)(
  WITHOUT_REDIS === undefined ? "with Redis" : `with Redis: skipped, for ${WITHOUT_REDIS}`,
  () => {
    test("all servers spend one quota, which outlives them", async () => {
      await using redis = await startRedis();
      const variables = { RATE_LIMIT, REDIS_URL: redis.url };
      {
        await using first = await startUnasked({ ...variables, WORKERS: "2" });
        await using second = await startUnasked(variables);
        expect(await letIn([first, second], 60)).toBe(20);
      }
      await using third = await startUnasked(variables);
      const { status, headers } = await send(`${third.url}/predict`, requestOf(GOOD));
      expect(status).toBe(429);
      expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(180);
    });

    test("logins: failures are counted for all servers, successful ones given back", async () => {
      await using redis = await startRedis();
      await using users = await startWithUsers({ REDIS_URL: redis.url });
      await using other = await startApi({
        variables: { ...users.variables, TRUST_PROXY: "true", REDIS_URL: redis.url },
      });
      const from = { "x-forwarded-for": "203.0.113.81" };
      const login = async (url: string, password: string) =>
        (await send(`${url}/login`, requestOf({ username: "ada", password }, from))).status;
      const urls = [users.api.url, other.url];
      for (let round = 0; round < 3; round += 1) {
        for (const url of urls) expect(await login(url, PASSWORD)).toBe(200);
      }
      const wrong = await Promise.all(
        urls.flatMap((url) => Array.from({ length: 5 }, () => login(url, "wrong password"))),
      );
      expect(wrong.filter((status) => status === 401)).toHaveLength(5);
      for (const url of urls) expect(await login(url, PASSWORD)).toBe(429);
      expect(users.api.log.filter(({ level }) => level === "error")).toEqual([]);
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
