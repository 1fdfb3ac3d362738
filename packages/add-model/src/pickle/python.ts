import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as z from "zod";
import { Refusal } from "../refusal.ts";

const run = promisify(execFile);

/** Longest time for saying what it is, in milliseconds: environments on a network drive are slow. */
const PROBE_MS = 30_000;

/** Packages by the modules that have to be there. */
const PACKAGES: Readonly<Record<string, string>> = {
  joblib: "joblib",
  numpy: "numpy",
  pandas: "pandas",
  sklearn: "scikit-learn",
  skl2onnx: "skl2onnx",
  skops: "skops",
};

const PROBE = `import importlib.util, json, sys
names = sys.argv[1].split(",")
missing = [name for name in names if importlib.util.find_spec(name) is None]
print(json.dumps({"program": sys.executable, "modules": [path for path in sys.path if path], "missing": missing, "version": sys.version_info[:2]}))`;

const probed = z.object({
  program: z.string().min(1),
  modules: z.array(z.string()),
  missing: z.array(z.string()),
  version: z.array(z.int()),
});

/** A Python that can convert. */
export interface Python {
  /** Path of the interpreter itself, not of what starts it. */
  readonly program: string;
  /** Where it looks for modules. */
  readonly modules: readonly string[];
}

/** Oldest version that the converter runs on. */
const OLDEST = [3, 9] as const;

function isOld([major = 0, minor = 0]: readonly number[]): boolean {
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

/** The Python on PATH, where none is named. */
const DEFAULT = process.platform === "win32" ? "python" : "python3";

/**
 * Finds a Python with what a conversion needs, the one that is named or the one on PATH; it is asked in `folder`, an empty
 * one, so that no module of the working directory is taken for a library.
 */
export async function findPython(
  named: string | undefined,
  needsSkops: boolean,
  folder: string,
): Promise<Python> {
  const command = named ?? DEFAULT;
  const modules = Object.keys(PACKAGES).filter((name) => needsSkops || name !== "skops");
  const options = { cwd: folder, timeout: PROBE_MS };
  const { stdout } = await run(command, ["-c", PROBE, modules.join(",")], options).catch(
    (cause: Error) => {
      const [line = ""] = cause.message.split("\n");
      throw new Refusal(
        `there is no Python that runs as ${command} (${line}): install one, or name it with --python`,
        { cause },
      );
    },
  );
  const python = probed.parse(JSON.parse(stdout));
  const { program, missing, version } = python;
  if (isOld(version)) {
    throw new Refusal(
      `${program} is Python ${version.join(".")}, and ${OLDEST.join(".")} or later is needed: name another with --python`,
    );
  }
  if (missing.length > 0) {
    const names = missing.map((name) => PACKAGES[name]).join(" ");
    throw new Refusal(
      `${program} does not have what converts it: ${program} -m pip install ${names}; or name another Python with --python`,
    );
  }
  return python;
}
