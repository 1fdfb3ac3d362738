import { readFileSync } from "node:fs";
import { contracts } from "@sepal/schema/contracts/index";
import { createTRPCClient, httpBatchLink, httpLink } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { json } from "../../src/endpoints/endpoint.ts";
import { queryInput } from "../../src/endpoints/rest-routes.ts";
import { createRouter } from "../../src/endpoints/trpc-router.ts";
import { startInProcess } from "../support/in-process-api.ts";
import { send } from "../support/json-request.ts";
import { codeBlocks } from "../markdown/code-blocks.ts";

const input = z.strictObject({ contract: z.enum(["iris", "wine"]) });

const listClasses = {
  input,
  output: z.object({ contract: z.string(), classes: z.array(z.string()) }),
  run({ contract }: z.infer<typeof input>) {
    return { contract, classes: [...contracts[contract].classes] };
  },
};

const classes = json({
  operation: listClasses,
  rest: { method: "GET", path: "/classes" },
  from: queryInput,
  trpc: "query",
  tag: "models",
  summary: "The classes of a contract",
  errors: ["invalid_input"],
  example: () => ({ response: { contract: "iris", classes: [...contracts.iris.classes] } }),
});

function routerWithClasses() {
  return createRouter({ classes });
}

const WINE = { contract: "wine", classes: ["barolo", "grignolino", "barbera"] };

let api: Awaited<ReturnType<typeof startInProcess>>;
beforeAll(async () => {
  api = await startInProcess({}, { classes });
});
afterAll(() => api[Symbol.asyncDispose]());

describe("an endpoint that is one entry of the table", () => {
  test("is what CONTRIBUTING.md shows", () => {
    const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
    const own = read(import.meta.url).replaceAll(/^(export )?const classes = /gm, "classes: ");
    const shown = codeBlocks(read("../../../../CONTRIBUTING.md")).filter(
      ({ language }) => language === "ts",
    );
    expect(shown).toHaveLength(2);
    for (const { text } of shown) {
      expect(own).toContain(text.replaceAll("export const", "const").replace(/\),$/, ");"));
    }
  });

  test("answers over REST, and rejects what its schema does not allow", async () => {
    expect((await send(`${api.url}/classes?contract=wine`)).body).toEqual(WINE);
    const refused = await send(`${api.url}/classes?contract=rose`);
    expect(refused.status).toBe(422);
    expect(refused.body.detail[0].loc).toEqual(["query", "contract"]);
    const wrong = await send(`${api.url}/classes`, { method: "POST" });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("answers over tRPC, single and batched, with the types of its operation", async () => {
    for (const link of [httpLink, httpBatchLink]) {
      const client = createTRPCClient<ReturnType<typeof routerWithClasses>>({
        links: [link({ url: `${api.url}/trpc` })],
      });
      const answer = await client.classes.query({ contract: "wine" });
      expectTypeOf(answer).toEqualTypeOf<{ contract: string; classes: string[] }>();
      expect(answer).toEqual(WINE);
      // @ts-expect-error -- no such contract
      await expect(client.classes.query({ contract: "rose" })).rejects.toThrow(/contract/);
    }
  });

  test("is in the document and in the index", async () => {
    const { body } = await send(`${api.url}/openapi.json`);
    expect(body.paths["/classes"].get).toMatchObject({
      operationId: "classes",
      summary: "The classes of a contract",
      tags: ["models"],
      parameters: expect.arrayContaining([
        expect.objectContaining({ name: "contract", in: "query" }),
      ]),
      responses: { 200: { content: { "application/json": { example: {} } } }, 422: {}, 503: {} },
    });
    const { routes } = (await send(api.url)).body;
    expect(routes).toContainEqual({ path: "/classes", methods: ["GET"] });
  });
});
