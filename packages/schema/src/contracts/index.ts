import { diabetes } from "./diabetes.ts";
import { iris } from "./iris.ts";
import { penguins } from "./penguins.ts";
import { speeches } from "./speeches.ts";
import { speechesEmbed } from "./speeches-embed.ts";
import { wine } from "./wine.ts";

/** Every contract compiled into the server, by name. */
export const contracts = {
  iris,
  wine,
  penguins,
  diabetes,
  speeches,
  speeches_embed: speechesEmbed,
};

/** The contract of the routes and procedures that name none. */
export const defaultContract = iris;
