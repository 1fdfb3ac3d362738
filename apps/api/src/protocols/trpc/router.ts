import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { DEFAULT_LIMITS, type RequestLimits } from "@sepal/schema/limits";
import { getHealth } from "../../operations/health.ts";
import { getModel, listModels } from "../../operations/model-cards.ts";
import { contractProcedures } from "./contract-router.ts";
import { procedure, router } from "./init.ts";
import { jobProcedures } from "./job-procedures.ts";

type Contracts = typeof contracts;
type Procedures<T> =
  T extends Contract<infer F, infer C> ? ReturnType<typeof contractProcedures<F, C>> : never;

function proceduresByContract(limits: RequestLimits) {
  const entries = Object.entries<Contract>(contracts).map(([name, contract]) => [
    name,
    contractProcedures(contract, limits, `/${name}`),
  ]);
  // Each contract under its own name: what the mapped type says and `fromEntries` cannot.
  return Object.fromEntries(entries) as { [K in keyof Contracts]: Procedures<Contracts[K]> };
}

/** All procedures: the default contract's at the root, and every contract's under its name. */
export function createAppRouter(limits: RequestLimits = DEFAULT_LIMITS) {
  const defaultProcedures = contractProcedures(defaultContract, limits, "");
  return router({
    ...defaultProcedures,
    ...proceduresByContract(limits),
    jobs: { ...defaultProcedures.jobs, ...jobProcedures() },
    health: procedure
      .meta({
        open: true,
        operation: getHealth,
        openapi: {
          method: "GET",
          path: "/health",
          tags: ["health"],
          protect: false,
          errorResponses: {},
          summary: "Whether the default model answers predictions",
        },
      })
      .input(getHealth.input)
      .output(getHealth.output)
      .query(({ input, ctx }) => getHealth.run(input, ctx)),
    models: {
      list: procedure
        .meta({
          operation: listModels,
          openapi: {
            method: "GET",
            path: "/models",
            tags: ["models"],
            protect: false,
            errorResponses: {},
            summary: "List the models",
          },
        })
        .input(listModels.input)
        .output(listModels.output)
        .query(({ input, ctx }) => listModels.run(input, ctx)),
      get: procedure
        .meta({
          operation: getModel,
          openapi: {
            method: "GET",
            path: "/models/{model_name}",
            tags: ["models"],
            protect: false,
            errorResponses: {},
            summary: "Describe one model",
          },
        })
        .input(getModel.input)
        .output(getModel.output)
        .query(({ input, ctx }) => getModel.run(input, ctx)),
    },
  });
}

/** The type a client is made from. */
export type AppRouter = ReturnType<typeof createAppRouter>;
