import type { ParameterizedContext } from 'koa';
import type { Role } from '../config/config.ts';

/** Who is calling. `role` is null for alert senders: they deliver, and read nothing. */
export interface Principal {
  kind: 'developer' | 'person' | 'token' | 'sender';
  /** Stands in the audit log as the one who did it. */
  name: string;
  role: Role | null;
  /** The one source an alert sender may speak for. */
  source: string | null;
}

/** The session of a person who signed in. */
export interface HeldSession {
  id: string;
  /** What their browser holds; never to be shown or logged. */
  token: string;
  /** Until it ends by itself, as of this request. */
  remainingMs: number;
}

export interface RequestState {
  requestId: string;
  principal: Principal | null;
  session: HeldSession | null;
  /** Why it could not be found out who this is; only those who need to know are refused for it. */
  unknown: unknown;
  /** Signed in by an Authorization header, which no browser adds by itself; such requests need no CSRF defence. */
  bearer: boolean;
}

export type Ctx = ParameterizedContext<RequestState>;
