import type { ParameterizedContext } from 'koa';
import type { Role } from '../config/config.ts';

/** The authenticated caller. `role` is null for alert senders, which may only send alerts. */
export interface Principal {
  kind: 'developer' | 'person' | 'token' | 'sender';
  /** Recorded in the audit log. */
  name: string;
  role: Role | null;
  /** The only source for which an alert sender may send; null for other callers. */
  source: string | null;
}

/** The session of a signed-in person. */
export interface BrowserSession {
  id: string;
  /** Secret: never show or log it. */
  token: string;
  /** Time until it expires, measured at this request. */
  remainingMs: number;
  /** Time since the person entered their credentials; null if the provider does not say. */
  authenticatedMs: number | null;
}

export interface RequestState {
  requestId: string;
  /** Path of the target; null if the target is not a path. */
  path: string | null;
  /** Path of the route that handles the request, with the names of its parameters; null if none does. */
  route: string | null;
  principal: Principal | null;
  /** The caller as the settings have them now: a token may be replaced while the event stream of its caller is open. */
  principalNow: () => Principal | null;
  /** The source that the caller may send, once its token was checked; null for all others. */
  source: string | null;
  session: BrowserSession | null;
  /** Why the session could not be looked up. Thrown only by routes that need a caller, so that the others still work. */
  authenticationError: unknown;
  /** Authenticated by an Authorization header. Browsers never add one by themselves, so CSRF checks are not needed. */
  bearer: boolean;
}

export type Ctx = ParameterizedContext<RequestState>;
