import { iris } from "./iris.ts";
import { wine } from "./wine.ts";

/** Every contract compiled into the server, by name. */
export const contracts = { iris, wine };

/** The contract of the routes and procedures that name none. */
export const defaultContract = iris;
