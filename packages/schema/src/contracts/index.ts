import { iris } from "./iris.ts";

/** Every contract compiled into the server, by name; the first is the default one. */
export const contracts = { iris };
