/** What the promise is rejected with; null if it is fulfilled. Never rejects. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );
