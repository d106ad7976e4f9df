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
  const failure = causeOf(message);
  return failures.filter((each) => causeOf(each) === failure).length + 1 >= times;
}

/** Messages begin with their first cause. What follows may be a list of different length at each attempt. */
const MAX_CAUSE = 80;

/** The same failure may differ in a count or a place from one attempt to the next. */
const causeOf = (message: string): string => message.replaceAll(/\d+/g, '0').slice(0, MAX_CAUSE);
