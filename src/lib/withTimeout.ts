/**
 * Waits for `work` at most `ms`, then throws the error that `makeError` returns. Does not stop the work; its result is
 * ignored.
 */
export async function withTimeout<T>(ms: number, work: Promise<T>, makeError: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(makeError()), ms);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
