import { execFile } from "node:child_process";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type ApiProcess } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";
import {
  addModel,
  answersBy,
  card,
  cardShows,
  predict,
  startOwnRepository,
} from "../support/living-registry.ts";
import { copyModel, edit, type TestRepository } from "../support/model-repository.ts";
import type { ServedRepository } from "../support/served-repository.ts";

// What may lie in the place of a file or a folder of the repository while the server runs.

let server: ServedRepository;
let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  server = await startOwnRepository();
  ({ repository, api } = server);
});
afterAll(() => server[Symbol.asyncDispose]());

const added = (name: string) => addModel(repository, api.url, name);

describe("model.json", () => {
  test("that is torn leaves the model serving and says so", async () => {
    const model = await added("torn");
    await writeFile(repository.file(model, "model.json"), "{");
    await cardShows(api.url, model, ({ reason }) => reason === "model.json is not JSON");
    expect((await predict(api.url, { model_name: model })).model_version).toBe("1");
  });

  test("that is a FIFO or a folder is refused and holds nothing up", async () => {
    for (const [model, make] of [
      ["fifo", (path: string) => promisify(execFile)("mkfifo", [path])],
      ["folder", (path: string) => mkdir(path)],
    ] as const) {
      await mkdir(repository.file(model));
      await make(repository.file(model, "model.json"));
      const reason = "model.json is not a regular file";
      await eventually(async () => {
        const { status, body } = await send(`${api.url}/models/${model}`);
        return status === 200 && body.reason === reason;
      }, reason);
    }
    await added("after-fifo");
  });
});

describe("symbolic links", () => {
  test("below a model are followed, and so is a change of where they lead", async () => {
    // As a Kubernetes volume lies on the disk: names lead through a hidden link that is swapped by rename.
    await mkdir(repository.file("linked"));
    const data = repository.file("linked", "..data");
    await symlink(repository.file("linked", "..2026_a"), data);
    for (const [name, like] of [
      ["..2026_a", "iris-forest"],
      ["..2026_b", "iris-logistic"],
    ] as const) {
      await copyModel(repository, like, "staging");
      await edit(repository.file("staging", "1", "manifest.json"), (manifest) => ({
        ...manifest,
        model_name: "linked",
      }));
      await rename(repository.file("staging"), repository.file("linked", name));
    }
    await symlink("..data/1", repository.file("linked", "1"));
    await symlink("..data/model.json", repository.file("linked", "model.json"));
    await answersBy(api.url, "linked", "1");
    expect((await card(api.url, "linked")).versions).toHaveLength(1);
    const { proba } = await predict(api.url, { model_name: "iris-logistic" });
    await symlink(repository.file("linked", "..2026_b"), `${data}_new`);
    await rename(`${data}_new`, data);
    await eventually(async () => {
      const now = await predict(api.url, { model_name: "linked" });
      return JSON.stringify(now.proba) === JSON.stringify(proba);
    }, "the link is followed");
  });

  test("to a whole model are models, and broken ones are none", async () => {
    await symlink("nowhere", repository.file("dangling"));
    await copyModel(repository, "iris-forest", "whole");
    await rename(repository.file("whole"), repository.file(".hidden"));
    await symlink(".hidden", repository.file("whole"));
    await answersBy(api.url, "whole", "1");
    const { status } = await send(`${api.url}/models/dangling`);
    expect(status).toBe(404);
  });
});
