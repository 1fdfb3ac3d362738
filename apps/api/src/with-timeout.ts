/** Settles as a promise does, or fails with `overdue()` after some milliseconds. */
export async function withTimeout<T>(
  promise: Promise<T>,
  milliseconds: number,
  overdue: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(overdue()), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
