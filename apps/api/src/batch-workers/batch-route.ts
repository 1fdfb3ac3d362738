/** Where a batch goes and how its answer is wrapped. */
export interface BatchRoute {
  readonly contract: string;
  readonly lenient?: boolean;
  readonly envelope?: readonly [string, string];
  /** Where in the body the input is; absent, it is the body. */
  readonly inputKey?: string;
}
