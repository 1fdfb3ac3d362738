/** Turns of the event loop while somebody counts them. */
export interface TurnCount extends Disposable {
  readonly turns: number;
}

/** Counts from now on until it is disposed. */
export function countTurns(): TurnCount {
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  return {
    get turns() {
      return turns;
    },
    [Symbol.dispose]: () => clearImmediate(next),
  };
}
