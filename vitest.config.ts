import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const EXPERIMENTS = "loadtest/src/experiments/experiments.test.ts";

/** Tests of `test:deep` alone. */
const DEEP = "**/*.deep.test.ts";

/** What Vitest leaves out by itself, where a project leaves out nothing of its own. */
const INSTALLED = "**/node_modules/**";

const WITH_POSTGRESQL = ["jobs", "jobs-watch"];
const WITH_POSTGRESQL_DEEP = ["jobs-limits", "jobs-model", "jobs-space", "jobs-upload"];

const jobTests = (names: readonly string[]) =>
  names.map((name) => `apps/api/test/jobs/${name}.test.ts`);

const shared = {
  // What a file imports is loaded once for all files of a worker; without this, imports take a third of the time.
  isolate: false,
  // Most files wait for a server most of the time.
  maxWorkers: Math.max(4, availableParallelism()),
  benchmark: { include: [] },
  // Halves the CPU time of the commands that tests run.
  env: { NODE_COMPILE_CACHE: join(tmpdir(), "sepal-compile-cache") },
  // Far more than a test needs on a busy machine.
  testTimeout: 400_000,
  hookTimeout: 400_000,
  expect: { poll: { timeout: 150_000 } },
};

const overTheWire = {
  ...shared,
  setupFiles: "apps/api/test/support/end-left-processes.ts",
  globalSetup: "apps/api/test/support/prepare-servers.ts",
  provide: { jobStore: { kind: "sqlite" } },
} as const;

const withPostgresql = {
  ...shared,
  setupFiles: "apps/api/test/support/end-left-processes.ts",
  globalSetup: [
    "apps/api/test/support/prepare-servers.ts",
    "apps/api/test/support/start-job-database.ts",
  ],
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          benchmark: {},
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "loadtest/src/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
          exclude: [EXPERIMENTS, DEEP, INSTALLED],
        },
      },
      {
        test: {
          ...overTheWire,
          name: "wire",
          include: [
            "apps/*/test/**/*.test.ts",
            "packages/client/test/**/*.test.ts",
            "packages/sepal/test/**/*.test.ts",
            "sdks/test/**/*.test.ts",
            "examples/test/**/*.test.ts",
            EXPERIMENTS,
          ],
          exclude: [DEEP, INSTALLED],
        },
      },
      {
        // What holds for jobs wherever they are kept, again with PostgreSQL.
        test: {
          ...withPostgresql,
          name: "wire with PostgreSQL",
          include: jobTests(WITH_POSTGRESQL),
        },
      },
      {
        test: { ...overTheWire, name: "faults", include: ["apps/api/faults/**/*.test.ts"] },
      },
      {
        // They load the machine as hard as it goes, so nothing else runs beside them.
        test: {
          ...overTheWire,
          name: "deep",
          include: [DEEP],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...withPostgresql,
          name: "deep with PostgreSQL",
          include: jobTests(WITH_POSTGRESQL_DEEP),
        },
      },
    ],
  },
});
