import { newCommand, type Command } from "@sepal/command-line";
import { scanRepository, type ScannedModel } from "@sepal/model/repository/scan-repository";
import { repositoryFolder } from "@sepal/settings/repository-folder";

/** A model of the repository, as it lies there. */
interface ListedModel {
  readonly name: string;
  readonly contract: string | null;
  readonly default_version: string | null;
  readonly versions: readonly string[];
  /** Why its `model.json` cannot be read. */
  readonly reason: string | null;
}

function listed({ name, file, versions, reason }: ScannedModel): ListedModel {
  return {
    name,
    contract: file?.contract ?? null,
    default_version: file?.default_version ?? null,
    versions: [...(versions?.keys() ?? [])],
    reason,
  };
}

/** Lines of columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The command `models list`. */
export function listCommand(): Command {
  return newCommand(
    "models:list",
    "Lists the models of the repository, MODELS_DIR or models. Whether a server could load them, GET /models of that server says.",
  )
    .option("--json", "print JSON")
    .action(async ({ json }: { readonly json?: true }) => {
      const repository = repositoryFolder();
      const models = [...(await scanRepository(repository)).values()].map(listed);
      if (json) console.log(JSON.stringify(models, null, 2));
      else if (models.length === 0) console.log(`there is no model in ${repository}`);
      else {
        const rows = models.map(({ name, contract, default_version, versions, reason }) => [
          name,
          contract ?? "-",
          default_version ?? "-",
          reason ?? versions.join(", "),
        ]);
        console.log(table([["model", "contract", "default", "versions"], ...rows]));
      }
    });
}
