import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const emitted = join(dist, "declarations");

/** An entry of the package, with everything that runs in it but its peers. */
async function bundle(entry: string, peers: readonly string[]): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    build: {
      target: "es2022",
      minify: "oxc",
      emptyOutDir: false,
      lib: { entry: `src/${entry}.ts`, formats: ["es"], fileName: entry },
      rolldownOptions: { external: [...peers] },
    },
  });
}

/** Entries, with the packages that each takes from its user. */
const ENTRIES = { index: [], schemas: ["zod"] } as const;

/** Copies the declarations that the entries reach; none may name a package that the user has not. */
async function declare(): Promise<void> {
  const compiler = join(root, "../../node_modules/.bin/tsc");
  const tsc = spawnSync(compiler, ["--project", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (tsc.status !== 0) throw new Error("the declarations cannot be written");
  const reached: string[] = Object.keys(ENTRIES);
  for (const name of reached) {
    const peers: readonly string[] = name === "schemas" ? ENTRIES.schemas : [];
    const text = await readFile(join(emitted, "packages/client/src", `${name}.d.ts`), "utf8");
    const imports = [...text.matchAll(/(?:from |import\()"([^"]+)"/g)].map(([, path = ""]) => path);
    const own = imports.filter((path) => path.startsWith("./"));
    const foreign = imports.filter((path) => !own.includes(path) && !peers.includes(path));
    if (foreign.length > 0) throw new Error(`${name}.d.ts names ${foreign.join(", ")}`);
    for (const path of own) {
      const next = path.slice(2).replace(/\.ts$/, "");
      if (!reached.includes(next)) reached.push(next);
    }
    await writeFile(join(dist, `${name}.d.ts`), text.replaceAll(/(\.\/[\w-]+)\.ts"/g, '$1.js"'));
  }
  await rm(emitted, { recursive: true });
}

/** The licences of what is bundled, which ask to be passed on. */
async function passOnLicences(): Promise<void> {
  const require = createRequire(import.meta.url);
  const fromEventSource = createRequire(require.resolve("eventsource"));
  const folders = [
    ["@trpc/client, @trpc/server", dirname(require.resolve("@trpc/client/package.json"))],
    ["eventsource", join(dirname(require.resolve("eventsource")), "..")],
    ["eventsource-parser", join(dirname(fromEventSource.resolve("eventsource-parser")), "..")],
  ] as const;
  const texts = folders.map(async ([name, folder]) => {
    return `${name}\n\n${await readFile(join(folder, "LICENSE"), "utf8")}`;
  });
  await writeFile(join(dist, "third-party.txt"), (await Promise.all(texts)).join("\n\n"));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
for (const [entry, peers] of Object.entries(ENTRIES)) await bundle(entry, peers);
await declare();
await passOnLicences();
