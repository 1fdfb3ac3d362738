import { iris } from "./iris.ts";

/** Every contract compiled into the server, by name. */
export const contracts = { iris };

/** The contract of the routes and procedures that name none. */
export const defaultContract = iris;
