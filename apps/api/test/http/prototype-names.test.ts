import { beforeAll, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { HEAD, ROW } from "../support/csv-file.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

// Names that every object has: where a client sends one, nothing is found by it.

const NAMES = ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty"];

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

const FEATURES = { features: [5.1, 3.5, 1.4, 0.2] };

test.each(NAMES)("a file or a content type called %s is 415", async (name) => {
  const statuses: number[] = [];
  for (const path of ["/predict-file", "/jobs"]) {
    for (const type of ["", "text/plain", name]) {
      const body = new FormData();
      body.append("file", new File([`${HEAD}\n${ROW}\n`], `a.${name}`, { type }));
      statuses.push((await send(api.url + path, { method: "POST", body })).status);
    }
    const headers = { "content-type": name };
    statuses.push((await post(api.url + path, `${HEAD}\n${ROW}\n`, headers)).status);
  }
  expect(new Set(statuses)).toEqual(new Set([415]));
});

test.each(NAMES)("a model, contract, version, procedure or job called %s is 404", async (name) => {
  const replies = await Promise.all([
    send(`${api.url}/models/${name}`),
    post(`${api.url}/predict/${name}`, FEATURES),
    post(`${api.url}/predict`, { ...FEATURES, model_name: name }),
    post(`${api.url}/predict`, { ...FEATURES, model_version: name }),
    post(`${api.url}/${name}/predict`, FEATURES),
    post(`${api.url}/v2/models/${name}/infer`, { inputs: [] }),
    post(`${api.url}/trpc/${name}`, FEATURES),
    post(`${api.url}/trpc/iris.${name}`, FEATURES),
    post(`${api.url}/trpc/${name},predict?batch=1`, { 0: FEATURES, 1: FEATURES }),
    send(`${api.url}/jobs/${name}`),
  ]);
  const [batch] = replies.splice(8, 1);
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 404));
  expect([207, 404]).toContain(batch?.status);
});

test.each(NAMES)("a key called %s is an unknown key", async (name) => {
  const body = `{"features":[5.1,3.5,1.4,0.2],${JSON.stringify(name)}:1}`;
  const headers = { "content-type": "application/json" };
  expect((await post(`${api.url}/predict`, body, headers)).status).toBe(422);
  const line = `${body.slice(0, -1)},"class":7}\n`;
  const ndjson = { "content-type": "application/x-ndjson" };
  const { text } = await post(`${api.url}/predict-file`, line, ndjson);
  expect(JSON.parse(text)).toMatchObject({ class: 7, class_2: 0, label: "setosa" });
  expect(text).toContain(`${JSON.stringify(name)}:1`);
  const csv = `${HEAD},${name}\n${ROW},x\n`;
  const scored = await post(`${api.url}/predict-file`, csv, { "content-type": "text/csv" });
  expect(scored.text).toContain(`${ROW},x,0,setosa`);
});
