import { contractJsonSchema } from "@sepal/schema/contract-schema";
import { writeGenerated } from "./generated-file.ts";

writeGenerated(
  "packages/schema/contract.schema.json",
  `${JSON.stringify(contractJsonSchema(), null, 2)}\n`,
);
