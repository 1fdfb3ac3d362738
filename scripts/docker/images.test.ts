import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { neededPackages } from "../workspace-packages.ts";

const ROOT = new URL("../../", import.meta.url);

test.each([
  ["Dockerfile", "apps/api"],
  ["deploy/playground.Dockerfile", "apps/web"],
])("%s copies every package that %s needs", (dockerfile, app) => {
  const text = readFileSync(new URL(dockerfile, ROOT), "utf8");
  for (const folder of neededPackages(app).values()) {
    expect(text).toContain(`COPY ${folder}/package.json ${folder}/\n`);
    expect(text).toContain(`COPY ${folder}/src ${folder}/src\n`);
  }
});
