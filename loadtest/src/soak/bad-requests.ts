import type { SoakClient } from "./soak-client.ts";

const JSON_TYPE = { "content-type": "application/json" };
const GOOD = "[5.1,3.5,1.4,0.2]";

interface BadRequest {
  readonly path: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** A part of the answer: the rule that was broken. */
  readonly says: string;
}

/** Requests that must be refused, with the status and the rule. */
const BAD_REQUESTS: readonly BadRequest[] = [
  { path: "/predict", body: '{"features":[5.1,3.5,1.4]}', status: 422, says: "too_short" },
  { path: "/predict", body: '{"features":[5.1,"x",1.4,0.2]}', status: 422, says: "float_type" },
  { path: "/predict", body: '{"features":[5.1,-1,1.4,0.2]}', status: 422, says: "greater_than" },
  { path: "/trpc/predict", body: "{}", status: 422, says: "missing" },
  { path: "/predict", body: '{"features":', status: 400, says: "not JSON" },
  { path: "/predict", body: "", status: 400, says: "empty" },
  {
    path: "/predict",
    body: `{"features":${GOOD},"model_name":"rose"}`,
    status: 404,
    says: "no model",
  },
  { path: "/predict", body: `{"features":${GOOD}}`.padEnd(70_000), status: 413, says: "65536" },
  {
    path: "/predict",
    body: "a,b",
    headers: { "content-type": "text/plain" },
    status: 415,
    says: "content type",
  },
  { path: "/predict-batch", body: '{"rows":[]}', status: 422, says: "too_short" },
  {
    path: "/predict-batch",
    body: `{"rows":[${GOOD},[1,2,null,4]]}`,
    status: 422,
    says: "float_type",
  },
  {
    path: "/predict-file?strict=true",
    body: "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,x,0.2\n",
    headers: { "content-type": "text/csv" },
    status: 422,
    says: "float_",
  },
  {
    path: "/predict",
    body: `{"features":${GOOD}}`,
    headers: { ...JSON_TYPE, "x-request-timeout-ms": "0" },
    status: 504,
    says: "deadline",
  },
];

/** Sends a bad request, drawn at random, and throws unless it is refused for its own fault. */
export async function sendBad(client: SoakClient, random: () => number): Promise<void> {
  const bad = BAD_REQUESTS[Math.floor(random() * BAD_REQUESTS.length)];
  if (bad === undefined) return;
  const { path, body, headers = JSON_TYPE, status, says } = bad;
  const reply = await client.post(path, body, headers);
  if (reply.status !== status || !reply.text.includes(says)) {
    const got = `${reply.status} ${reply.text.slice(0, 200)}`;
    throw new Error(`${path} ${body.slice(0, 60)}: ${got}, not ${status} ${says}`);
  }
}
