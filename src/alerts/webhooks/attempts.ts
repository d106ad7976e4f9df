import type { WaitingRequest } from './store.ts';

/**
 * Whether a request has now failed so often in this way. Its other failures do not count: a lock that another transaction
 * held, for example, says nothing about the request.
 */
export function hasFailedOften(
  { failures }: Pick<WaitingRequest, 'failures'>,
  message: string,
  times: number,
): boolean {
  const failure = withoutNumbers(message);
  return failures.filter((each) => withoutNumbers(each) === failure).length + 1 >= times;
}

/** The same failure may differ in a count or a place from one attempt to the next. */
const withoutNumbers = (message: string): string => message.replaceAll(/\d+/g, '0');
