import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { sharedApi } from "../support/shared-api.ts";
import { anchorsOf, linksOf, scriptsIn } from "./links.ts";
import { pages, root } from "./page.ts";

const PAGES_OF_PLAYGROUND = join(root, "apps/web/src/app");
/** What pnpm does by itself, and scripts of the package that `--filter` names. */
const OF_PNPM = new Set(["install", "pack", "exec"]);
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** Why a link inside the repository leads nowhere; `undefined` where it leads somewhere. */
function fault(from: string, link: string): string | undefined {
  const [target = "", anchor] = link.split("#");
  const path = target === "" ? from : posix.join(posix.dirname(from), target);
  if (!existsSync(join(root, path))) return `${link}: there is no ${path}`;
  if (anchor === undefined) return undefined;
  const page = pages.find((each) => each.path === path);
  if (page === undefined) return `${link}: ${path} is no page`;
  return anchorsOf(page).has(anchor) ? undefined : `${link}: ${path} has no such heading`;
}

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

describe.each(pages.map((page) => ({ ...page, page })))("$path", ({ path, page }) => {
  const links = linksOf(page);

  test("its links lead somewhere", async () => {
    const inside = links.filter((link) => !/^[a-z]+:/.test(link));
    const faults = inside.map((link) => fault(path, link));
    expect(faults.filter((each) => each !== undefined)).toEqual([]);
    expect(links.filter((link) => /^[a-z]+:/.test(link) && !URL.canParse(link))).toEqual([]);
  });

  test("addresses of the server answer, those of the playground are its pages", async () => {
    const urls = links.filter((link) => /^https?:/.test(link)).map((link) => new URL(link));
    const local = urls.filter(({ hostname }) => /^(?:localhost|127\.0\.0\.1)$/.test(hostname));
    for (const { pathname } of local.filter(({ port }) => port === "8000")) {
      expect((await fetch(api.url + pathname)).status, pathname).toBe(200);
    }
    for (const { pathname } of local.filter(({ port }) => port === "3000")) {
      const [, first = ""] = pathname.split("/");
      expect(statSync(join(PAGES_OF_PLAYGROUND, first)).isDirectory(), pathname).toBe(true);
    }
  });

  test("the scripts it names are in package.json", () => {
    const unknown = scriptsIn(page).filter((name) => !(name in scripts) && !OF_PNPM.has(name));
    expect(unknown).toEqual([]);
  });
});

test("every page of docs/ is reached from the index", () => {
  const reached = new Set<string>();
  const queue = ["README.md"];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const page = pages.find((each) => each.path === path);
    if (page === undefined) continue;
    const inside = linksOf(page).filter((link) => !/^[a-z]+:|^#/.test(link));
    for (const link of inside)
      queue.push(posix.join(posix.dirname(path), link.split("#")[0] ?? ""));
  }
  // Records are listed by their folder.
  const guides = pages.filter(({ path }) => /^docs\/(?!decisions\/)/.test(path));
  expect(guides.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});
