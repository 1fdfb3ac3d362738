/**
 * A value that every route of this process shares: Next gives each route its own copy of a module.
 */
export function processWide<T>(name: string, create: () => T): T {
  const key = Symbol.for(`sepal.${name}`);
  const known: unknown = Reflect.get(globalThis, key);
  if (known !== undefined) return known as T;
  const value = create();
  Reflect.set(globalThis, key, value);
  return value;
}
