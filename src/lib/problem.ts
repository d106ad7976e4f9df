/** Error codes for callers, each with its HTTP status. */
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
  sign_in_again: 403,
  not_found: 404,
  unknown_surface: 404,
  unknown_alert: 404,
  unknown_customer: 404,
  unknown_flag: 404,
  unknown_silence: 404,
  method_not_allowed: 405,
  not_degraded: 409,
  not_active: 409,
  forced_off: 409,
  reason_gone: 409,
  count_differs: 409,
  too_many_silences: 409,
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

/** Messages may quote the caller's input, such as the name of an unknown field, so their length is limited. */
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_FIELD_LENGTH = 300;
const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text);

/** What is wrong with one field of the input. */
export interface Fault {
  /** Its path, e.g. `alerts.0.severity`. */
  field: string;
  message: string;
}

/** An error whose message may be shown to the caller. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  /** Path of the first invalid field. */
  readonly field: string | undefined;
  /** All faults of the input that are told; empty for other problems. */
  readonly faults: readonly Fault[];

  constructor(
    code: ProblemCode,
    message: string,
    facts: { field?: string; faults?: readonly Fault[]; cause?: unknown } = {},
  ) {
    super(cut(message, MAX_MESSAGE_LENGTH), { cause: facts.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = STATUS[code];
    this.field = facts.field === undefined ? undefined : cut(facts.field, MAX_FIELD_LENGTH);
    this.faults = (facts.faults ?? []).map(({ field, message }) => ({
      field: cut(field, MAX_FIELD_LENGTH),
      message: cut(message, MAX_FIELD_LENGTH),
    }));
  }
}
