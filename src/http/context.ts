import type { ParameterizedContext } from 'koa';
import type { Role } from '../config.ts';

/** Who is calling. `role` is null for alert senders: they deliver, and read nothing. */
export interface Principal {
  kind: 'developer' | 'token' | 'sender';
  /** Stands in the audit log as the one who did it. */
  name: string;
  role: Role | null;
  /** The one source an alert sender may speak for. */
  source: string | null;
}

export interface RequestState {
  requestId: string;
  principal: Principal | null;
  /** Signed in by an Authorization header, which no browser adds by itself; such requests need no CSRF defence. */
  bearer: boolean;
}

export type Ctx = ParameterizedContext<RequestState>;
