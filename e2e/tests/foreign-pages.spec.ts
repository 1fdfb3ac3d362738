import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, expect, test, type Page } from "@playwright/test";
import { freePort, startApi, startWeb, type RunningServer } from "../support/servers.ts";

test.describe.configure({ mode: "serial" });

const CSV = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n";
const TENSOR = { name: "features", datatype: "FP32", shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] };
const ROW = { features: [5.1, 3.5, 1.4, 0.2] };

let folder: string;
let api: RunningServer;
let web: RunningServer;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-foreign-"));
  api = await startApi(await freePort(), { DATA_DIR: folder });
  web = await startWeb(await freePort(), api.url);
});
test.afterAll(async () => {
  await web.kill();
  await api.kill();
  await rm(folder, { recursive: true, force: true });
});

/** Where the API's routes are: on the API itself and through the playground. */
const SERVERS = {
  API: () => api.url,
  playground: () => `${web.url}/api`,
} as const;
const names = ["API", "playground"] as const;

/** What the API has carried out, from its own metrics. */
async function succeededPosts(): Promise<string[]> {
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  return metrics.split("\n").filter((line) => /^http_requests_total.*"POST".*"2xx"/.test(line));
}

/** A site that is not Sepal's: an empty page on each name of this machine. */
async function foreignSite(): Promise<{ readonly port: number } & AsyncDisposable> {
  const port = await freePort();
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>foreign</title>");
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends what a page may send to any origin without a preflight; gives the statuses that came. */
async function attack(page: Page, root: string): Promise<number[]> {
  const posts: string[] = [];
  const responses = new Map<string, number>();
  // Beneath the page, which is not shown responses that a policy of their server withholds from it.
  const network = await page.context().newCDPSession(page);
  network.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (request.method === "POST") posts.push(requestId);
  });
  network.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => {
    responses.set(requestId, statusCode);
  });
  const statuses = () => posts.flatMap((id) => responses.get(id) ?? []);
  await network.send("Network.enable");
  await page.evaluate(
    async ({ url, csv, infer }) => {
      const form = new FormData();
      form.set("file", new Blob([csv], { type: "text/csv" }), "rows.csv");
      const send = { method: "POST", mode: "no-cors" } as const;
      await Promise.allSettled([
        fetch(`${url}/jobs`, { ...send, body: form }),
        fetch(`${url}/v2/models/iris-forest/infer`, { ...send, body: infer }),
      ]);
    },
    { url: root, csv: CSV, infer: JSON.stringify({ inputs: [TENSOR] }) },
  );
  await expect.poll(statuses).toHaveLength(2);
  // The browser follows a form to its response.
  await Promise.all([
    page.waitForNavigation(),
    page.evaluate((url) => {
      const form = document.createElement("form");
      Object.assign(form, { method: "POST", action: `${url}/predict`, enctype: "text/plain" });
      const field = document.createElement("input");
      Object.assign(field, { name: '{"features":[5.1,3.5,1.4,0.2],"x":"', value: '"}' });
      form.append(field);
      document.body.append(form);
      form.submit();
    }, root),
  ]);
  await expect.poll(statuses).toHaveLength(3);
  return statuses();
}

for (const server of names) {
  for (const name of ["localhost", "127.0.0.1"]) {
    test(`a page of another origin on ${name} cannot have the ${server} carry a request out`, async ({
      page,
    }) => {
      await using site = await foreignSite();
      await page.goto(`http://${name}:${site.port}/`);
      expect(await attack(page, SERVERS[server]())).toEqual([403, 403, 403]);
      expect(await page.innerText("body")).toContain("may not call");
      expect(await succeededPosts()).toEqual([]);
    });
  }

  test(`a foreign name that points at this machine can neither read from the ${server} nor predict`, async () => {
    const { launchOptions } = test.info().project.use;
    const browser = await chromium.launch({
      ...launchOptions,
      args: [
        ...(launchOptions?.args ?? []),
        "--host-resolver-rules=MAP evil.example 127.0.0.1",
        // Not every browser asks its user before a page may reach this machine.
        "--disable-features=LocalNetworkAccessChecks",
      ],
    });
    try {
      const page = await browser.newPage();
      // The page that its own server sent before the name pointed here.
      await page.route("http://evil.example:*/attack", (route) =>
        route.fulfill({ contentType: "text/html", body: "<!doctype html><title>evil</title>" }),
      );
      const { port, pathname } = new URL(SERVERS[server]());
      const path = pathname === "/" ? "" : pathname;
      await page.goto(`http://evil.example:${port}/attack`);
      const read = await page.evaluate(
        async ({ targets, row }) => {
          const json = { "content-type": "application/json" };
          const predict = { method: "POST", headers: json, body: JSON.stringify(row) };
          return await Promise.all(
            targets.map(async (target) => {
              const response = await fetch(target, target.endsWith("predict") ? predict : {});
              return { target, status: response.status, text: await response.text() };
            }),
          );
        },
        {
          row: ROW,
          targets: ["/", "/models", "/metrics", "/predict"]
            .map((target) => path + target)
            .concat(
              "/predict/iris-forest",
              "/metrics",
              "/trpc/models.list",
              "/trpc/predict",
              "/icon.svg",
            ),
        },
      );
      for (const { target, status, text } of read) {
        expect(status, `${target} ${text.slice(0, 200)}`).toBe(421);
        expect(text, target).toContain("ALLOWED_HOSTS");
      }
      expect(await succeededPosts()).toEqual([]);
    } finally {
      await browser.close();
    }
  });
}
