import { expect } from "vitest";
import { post } from "../test/support/json-request.ts";
import { copyWithNan } from "../test/support/nan-version.ts";
import { fault } from "./frame/fault.ts";
import { serveRepository } from "./frame/serve-repository.ts";
import { sized } from "../test/support/sized.ts";

const ROUNDS = sized(250, 5);
const MODEL = { model_name: "iris-mlp", model_version: "nan" };

fault("A model answers NaN", {
  promise:
    "The rows it answered NaN to are 500, those that shared a run with them get their answers, and the server stays ready.",
  arrange: async () => serveRepository(await copyWithNan()),
  async check({ api }) {
    const firsts = Array.from({ length: 40 }, (_, index) => (index % 4 === 0 ? 101 : 5));
    for (let round = 0; round < ROUNDS; round += 1) {
      const replies = await Promise.all(
        firsts.map((first) =>
          post(`${api.url}/predict`, { ...MODEL, features: [first, 3.5, 1.4, 0.2] }),
        ),
      );
      const seen = replies.map(({ status, body }) => (status === 200 ? body.proba : status));
      const expected = firsts.map((first) => (first > 100 ? 500 : [0.75, 0.25, 0]));
      expect(seen, "probabilities, or the status").toEqual(expected);
      const batch = await post(`${api.url}/predict-batch`, {
        ...MODEL,
        rows: firsts.map((first) => [first, 3.5, 1.4, 0.2]),
      });
      expect(batch.status, "a batch with such rows").toBe(500);
    }
    expect((await fetch(`${api.url}/health/ready`)).status, "readiness").toBe(200);
  },
  twin: {
    lacks: "a decoder that takes NaN for a probability",
    arrange: async () =>
      serveRepository(await copyWithNan(), {
        changes: [
          {
            file: "schema/src/prediction-reader.ts",
            text: "!Number.isFinite(",
            by: "Number.isInteger(void ",
          },
        ],
      }),
    // The reply is held against the OpenAPI document first.
    fails: /proba\/0 must be number/,
  },
});
