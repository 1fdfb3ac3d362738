import { expect } from "vitest";
import { card, cardShows, predict, writeVersionLike } from "../test/support/living-registry.ts";
import { copyOfModels, fixture, writeVersion } from "../test/support/model-repository.ts";
import { fault } from "./frame/fault.ts";
import type { ServedRepository } from "../test/support/served-repository.ts";
import { serveRepository } from "./frame/serve-repository.ts";
import { sized } from "../test/support/sized.ts";
import { underLoad } from "./frame/under-load.ts";

const ROUNDS = sized(20, 2);
const MODEL = { model: "iris-forest", version: "1" };

const promise = (what: string) =>
  `The server stays ready and answers by the graph it had, says why it refuses ${what}, and takes the next good file.`;

async function goesOn({ api, repository }: ServedRepository, bad: () => Promise<Uint8Array>) {
  using load = underLoad(api.url, 2);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { proba } = await predict(api.url);
    // With true checksums: nothing but the graph itself is wrong.
    await writeVersion(repository, { ...MODEL, onnx: await bad() });
    await cardShows(api.url, MODEL.model, ({ reason }) => reason !== null);
    expect((await fetch(`${api.url}/health/ready`)).status, "readiness").toBe(200);
    expect((await predict(api.url)).proba, "the answer").toEqual(proba);
    const { reason } = await card(api.url, MODEL.model);
    expect(reason).toMatch(/^its changed files are refused: /);
    const like = round % 2 === 0 ? "iris-mlp" : "iris-logistic";
    await writeVersionLike(repository, { ...MODEL, like });
    await cardShows(api.url, MODEL.model, (card) => card.reason === null);
    expect((await predict(api.url)).proba, "the good file").not.toEqual(proba);
  }
  const { refused, lost } = await load.stop();
  expect([refused, lost], "predictions beside it").toEqual([[], 0]);
}

const twin = {
  lacks: "a keeper that lets go of what served when it refuses changed files",
  arrange: async () =>
    serveRepository(await copyOfModels(), {
      changes: [
        {
          file: "src/repository/model-keeper.ts",
          text: "const served = before?.served;\n    const state",
          by: "const served = undefined;\n    const state",
        },
      ],
    }),
  fails: /readiness/,
};

fault("A model's file is replaced by garbage while it serves", {
  promise: promise("the file"),
  arrange: async () => serveRepository(await copyOfModels()),
  check: (served) => goesOn(served, async () => Buffer.from("not a graph".repeat(1000))),
  twin,
});

fault("A model's file is replaced by one of a wrong shape while it serves", {
  promise: promise("the shape"),
  arrange: async () => serveRepository(await copyOfModels()),
  check: (served) => goesOn(served, () => fixture("five-features.onnx")),
  twin,
});
