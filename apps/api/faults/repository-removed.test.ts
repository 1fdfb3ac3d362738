import { rename } from "node:fs/promises";
import { expect } from "vitest";
import { eventually } from "../test/support/api-process.ts";
import { predict } from "../test/support/living-registry.ts";
import { copyOfModels } from "../test/support/model-repository.ts";
import { fault } from "./frame/fault.ts";
import { serveRepository } from "./frame/serve-repository.ts";
import { sized } from "../test/support/sized.ts";
import { underLoad } from "./frame/under-load.ts";

const ROUNDS = sized(20, 2);

fault("The models folder is removed under the server", {
  promise:
    "What is loaded goes on without a failed prediction, the log tells, and the folder is followed again once it is back.",
  arrange: async () => serveRepository(await copyOfModels()),
  async check({ api, repository }) {
    using load = underLoad(api.url, 2);
    const { proba } = await predict(api.url);
    const told = (level: string) =>
      api.log.filter((line) => line["level"] === level && line["model"] === null).length;
    for (let round = 1; round <= ROUNDS; round += 1) {
      await rename(repository.path, `${repository.path}.gone`);
      try {
        await eventually(() => told("error") === round, "the log tells that it is gone");
        expect((await predict(api.url)).proba, "the answer").toEqual(proba);
      } finally {
        await rename(`${repository.path}.gone`, repository.path);
      }
      await eventually(() => told("info") === round, "the log tells that it is back");
    }
    const { refused, lost } = await load.stop();
    expect([refused, lost], "predictions beside it").toEqual([[], 0]);
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    expect(metrics).toContain('model_loads_total{model="iris-forest",version="1"} 1\n');
  },
  twin: {
    lacks: "a loader that takes a folder it cannot read for an empty one",
    arrange: async () =>
      serveRepository(await copyOfModels(), {
        changes: [
          {
            file: "src/repository/repository-loader.ts",
            text: "return undefined;\n    }\n  }\n\n  #noteFault",
            by: "return new Map();\n    }\n  }\n\n  #noteFault",
          },
        ],
      }),
    fails: /predictions beside it|the answer/,
  },
});
