import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeBlocks, type CodeBlock } from "./code-blocks.ts";
import { pages, root } from "./page.ts";
import { openReader, PACKAGES, type Reader } from "./reader.ts";
import {
  isProgram,
  programFile,
  programText,
  runConsole,
  runProgram,
  runScript,
} from "./run-block.ts";

/** Languages of blocks that nobody runs, and why. */
const NOT_CODE: Readonly<Record<string, string>> = {
  text: "a drawing or a listing",
  mermaid: "a picture, drawn by the viewer",
};

const documented = pages
  .map(({ path, text }) => ({ path, blocks: codeBlocks(text) }))
  .filter(({ blocks }) => blocks.length > 0);

function isThere(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}

const THERE: Readonly<Record<string, boolean>> = {
  python3: isThere("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 10))"),
  curl: isThere("curl", "--version"),
  jq: isThere("jq", "--version"),
};

/** A tool that the block needs and this machine has not. */
function missing({ language, text }: CodeBlock): string | undefined {
  const script = language === "sh" || language === "console" ? text : "";
  const needed = Object.keys(THERE).filter((tool) => new RegExp(`\\b${tool}\\b`).test(script));
  if (language === "python") needed.push("python3");
  return needed.find((tool) => THERE[tool] === false);
}

function isRun({ language, marker }: CodeBlock): boolean {
  return marker === undefined && !(language in NOT_CODE);
}

/** The metrics that a query names: the words with an underscore that are no function. */
function metricsIn(query: string): string[] {
  const names = query.match(/\b[a-z]+(?:_[a-z]+)+\b(?! ?\()/g) ?? [];
  return names.map((name) => name.replace(/_bucket$/, ""));
}

/** Reads the pages that start no server of their own. */
let shared: Reader;
beforeAll(async () => {
  shared = await openReader({ mayChange: false });
});
afterAll(() => shared[Symbol.asyncDispose]());

describe.each(documented)("$path", ({ blocks }) => {
  let reader: Reader;
  const tokens = new Map<string, string>();
  const runs = blocks.filter(isRun);
  const mayChange = runs.some(({ text }) => text.includes("models:add"));
  const hasOwnServer = mayChange || runs.some(({ text }) => text.includes("pnpm@12 start"));
  beforeAll(async () => {
    reader = hasOwnServer ? await openReader({ mayChange }) : shared;
  });
  afterAll(async () => {
    if (hasOwnServer) await reader[Symbol.asyncDispose]();
  });

  test("every block that is not run says why", () => {
    const silent = blocks.filter(({ marker }) => marker !== undefined && marker.reason.length < 12);
    expect(silent).toEqual([]);
  });

  for (const block of runs) {
    const { language, line, text } = block;
    const lacking = missing(block);
    // Skipped where the machine has not the tool that the block is written for.
    test.skipIf(lacking !== undefined)(`line ${line}: ${language}`, async () => {
      if (language === "console") await runConsole(block, reader, tokens);
      else if (language === "sh") await runScript(block, reader);
      else if (isProgram(language)) await runProgram(block, blocks, reader);
      else if (language === "json") JSON.parse(text);
      else if (language === "promql") {
        const answer = await fetch(`${await reader.url()}/metrics`);
        const known = await answer.text();
        expect(metricsIn(text).filter((name) => !known.includes(`# TYPE ${name} `))).toEqual([]);
        expect(metricsIn(text)).not.toEqual([]);
      } else {
        throw new Error(
          `no test runs "${language}": put <!-- not run: the reason --> above the block`,
        );
      }
    });
  }
});

const every = documented.flatMap(({ path, blocks }) =>
  blocks.map((block) => ({ path, block, blocks })),
);

test.skipIf(THERE["python3"] === false)("Python of every page compiles", () => {
  for (const { path, block } of every.filter(({ block }) => block.language === "python")) {
    const check = ["-c", "import sys; compile(sys.stdin.read(), 'page', 'exec')"];
    const options = { input: block.text, encoding: "utf8" } as const;
    const { status, stderr } = spawnSync("python3", check, options);
    expect(status, `${path}:${block.line} ${stderr}`).toBe(0);
  }
});

describe("types", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sepal-pages-"));
    for (const [name, path] of Object.entries(PACKAGES)) {
      await mkdir(dirname(join(folder, "node_modules", name)), { recursive: true });
      await symlink(join(root, path), join(folder, "node_modules", name));
    }
    await symlink(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    const options = {
      lib: ["es2024", "esnext.disposable", "dom", "dom.iterable"],
      types: ["node"],
    };
    const config = { extends: join(root, "tsconfig.base.json"), compilerOptions: options };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("of TypeScript on every page hold", async () => {
    const programs = every.filter(
      ({ block }) => block.language === "ts" && block.marker?.kind !== "not run",
    );
    expect(programs).not.toEqual([]);
    for (const { path, block, blocks } of programs) {
      const file = join(folder, dirname(path), `${path}.${programFile(block)}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${programText(block, blocks)}\nexport {};\n`);
    }
    const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["--project", folder], {
      encoding: "utf8",
    });
    expect(stdout).toBe("");
  });
});
