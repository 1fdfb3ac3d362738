import { addModelCommand } from "@sepal/add-model";
import { addKeyCommand, revokeKeyCommand } from "@sepal/api/keys";
import { addUserCommand, removeUserCommand } from "@sepal/api/users";
import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { typesCommand } from "@sepal/contract-types";
import { scoreCommand } from "@sepal/score";
import packageJson from "../package.json" with { type: "json" };
import { listCommand } from "./list-models.ts";
import { removeCommand } from "./remove-model.ts";
import { rollbackCommand } from "./roll-back-model.ts";
import { serveCommand } from "./serve.ts";

/** A command that a list of commands shows by the first of its sentences. */
function summarized(command: Command): Command {
  const [first = ""] = command.description().split(/[.:](?: |$)/);
  return command.summary(first);
}

/** A command of commands, each by its name there. */
function group(
  name: string,
  description: string,
  commands: Readonly<Record<string, Command>>,
): Command {
  const parent = newCommand(name, description);
  for (const [own, command] of Object.entries(commands)) {
    parent.addCommand(summarized(command).name(own));
  }
  return parent;
}

/** The command line `sepal`. */
function sepalCommand(): Command {
  return newCommand("sepal", "Serves tabular models, and what belongs to that.")
    .version(packageJson.version, "-v, --version", "show the version")
    .addCommand(summarized(serveCommand()))
    .addCommand(
      group("models", "Models of a repository.", {
        add: addModelCommand(),
        list: listCommand(),
        remove: removeCommand(),
        rollback: rollbackCommand(),
      }),
    )
    .addCommand(summarized(scoreCommand()))
    .addCommand(summarized(typesCommand()))
    .addCommand(
      group("keys", "Keys of callers, in API_KEYS_FILE.", {
        add: addKeyCommand(),
        revoke: revokeKeyCommand(),
      }),
    )
    .addCommand(
      group("users", "Users, in USERS_FILE.", {
        add: addUserCommand(),
        remove: removeUserCommand(),
      }),
    );
}

// Where the launcher is killed, what it started has to end too.
process.once("disconnect", () => process.kill(process.pid, "SIGHUP"));
process.channel?.unref();
await runCommand(sepalCommand());
