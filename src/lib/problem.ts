/** What can go wrong on the way in, each with its HTTP status. A new code does not compile until it has one. */
const STATUS = {
  bad_request: 400,
  invalid_json: 400,
  invalid_field: 400,
  sign_in_failed: 400,
  unauthenticated: 401,
  forbidden: 403,
  feature_disabled: 403,
  csrf: 403,
  no_role: 403,
  not_found: 404,
  unknown_surface: 404,
  unknown_customer: 404,
  unknown_flag: 404,
  method_not_allowed: 405,
  not_degraded: 409,
  forced_off: 409,
  reason_gone: 409,
  count_differs: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  not_implemented: 501,
  database_unavailable: 503,
  busy: 503,
  identity_provider_unavailable: 503,
} as const;

export type ProblemCode = keyof typeof STATUS;

/** A stranger's own words may stand in them, such as the name of a field that there is not. */
const LONGEST_MESSAGE = 2_000;
const LONGEST_FIELD = 300;
const cut = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** An error whose message may be shown to the caller as it is. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  /** Path of the faulty field, e.g. `alerts.0.severity`. */
  readonly field: string | undefined;

  constructor(code: ProblemCode, message: string, facts: { field?: string; cause?: unknown } = {}) {
    super(cut(message, LONGEST_MESSAGE), { cause: facts.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = STATUS[code];
    this.field = facts.field === undefined ? undefined : cut(facts.field, LONGEST_FIELD);
  }
}
