import { defineConfig } from "vitest/config";

const EXPERIMENTS = "loadtest/src/experiments/experiments.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "loadtest/src/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
          exclude: [EXPERIMENTS],
        },
      },
      {
        test: {
          name: "client",
          benchmark: { include: [] },
          include: [
            "packages/client/test/**/*.test.ts",
            "sdks/test/**/*.test.ts",
            "examples/test/**/*.test.ts",
          ],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "wire",
          globalSetup: "apps/api/test/support/fill-compile-cache.ts",
          benchmark: { include: [] },
          include: ["apps/api/test/**/*.test.ts"],
          provide: { jobStore: { kind: "sqlite" } },
          // With two cores Vitest would run one file at a time, and most of them wait for a server most of the time.
          maxWorkers: 3,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // They kill, stop and race real processes on a machine that others use; a defect fails twice.
          retry: 1,
        },
      },
      {
        test: {
          // What holds for jobs wherever they are kept, again with PostgreSQL.
          name: "wire with PostgreSQL",
          benchmark: { include: [] },
          include: [
            "jobs",
            "jobs-limits",
            "jobs-model",
            "jobs-space",
            "jobs-upload",
            "jobs-watch",
          ].map((name) => `apps/api/test/jobs/${name}.test.ts`),
          globalSetup: "apps/api/test/support/start-job-database.ts",
          testTimeout: 30_000,
          hookTimeout: 30_000,
          retry: 1,
        },
      },
      {
        test: {
          name: "faults",
          benchmark: { include: [] },
          include: ["apps/api/faults/**/*.test.ts"],
          // Where two cores make Vitest run one file at a time, these would mostly wait; after the others, which compute.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          retry: 1,
        },
      },
      {
        test: {
          // They load the machine as hard as it goes, so nothing else runs beside them.
          name: "experiments",
          benchmark: { include: [] },
          include: [EXPERIMENTS],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          retry: 1,
        },
      },
    ],
  },
});
