export const HIDDEN = '[hidden]';
const SECRET_NAME = /authorization|cookie|passw|secret|token|api[-_]?key/i;
const MAX_DEPTH = 6;
const MAX_CAUSE_DEPTH = 4;

/** A copy of the fields without anything that must not be logged. */
export function presentable(facts: object | null): Record<string, unknown> {
  return facts === null ? {} : fields(facts, 0);
}

function fields(value: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      SECRET_NAME.test(name) ? HIDDEN : presentableValue(field, depth + 1),
    ]),
  );
}

function presentableValue(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (value instanceof Error) return errorFacts(value, 0);
  if (depth > MAX_DEPTH) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => presentableValue(item, depth + 1));
  // The query may contain a key, and the user info a password.
  if (value instanceof URL) return value.origin + value.pathname;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return fields(Object.fromEntries(value), depth);
  if (value instanceof Set) return [...value].map((item) => presentableValue(item, depth + 1));
  return fields(value, depth);
}

/**
 * The fields of an error that may be logged. An allow list, because HTTP clients attach the request to their errors, with
 * its headers and so with the API key.
 */
function errorFacts(error: Error, depth: number): Record<string, unknown> {
  const { code, status, httpStatus, problem, response } = error as ErrorWithFacts;
  return {
    type: error.name,
    message: error.message,
    ...scalarFields({ code, status: status ?? httpStatus ?? response?.status, problem }),
    stack: error.stack,
    ...(error.cause instanceof Error && depth < MAX_CAUSE_DEPTH ? { cause: errorFacts(error.cause, depth + 1) } : {}),
    // A host with several addresses fails with one error per address, and an empty message itself.
    ...(error instanceof AggregateError && depth < MAX_CAUSE_DEPTH
      ? { errors: error.errors.filter((each) => each instanceof Error).map((each) => errorFacts(each, depth + 1)) }
      : {}),
  };
}

type ErrorWithFacts = Error & {
  code?: unknown;
  status?: unknown;
  httpStatus?: unknown;
  problem?: unknown;
  response?: { status?: unknown };
};

const scalarFields = (facts: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(facts).filter(([, fact]) => ['string', 'number'].includes(typeof fact)));
