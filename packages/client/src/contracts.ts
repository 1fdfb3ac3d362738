import { contracts as all } from "@sepal/schema/contracts/index";
import type { Plain } from "./router-view.ts";

type AllContracts = typeof all;

function plain<T>(value: T): T {
  return value;
}

/**
 * Every contract by name: its features, its classes, its examples, and `toFeatures`, which puts named
 * values into the order that models take.
 */
export const contracts = plain<
  AllContracts extends infer Named
    ? {
        readonly [Name in keyof Named]: {
          // Which numbers are allowed is the server's to say: its 422 names the rule.
          readonly [Key in keyof Named[Name] as Exclude<Key, "domain">]: Plain<Named[Name][Key]>;
        };
      }
    : never
>(all);
