import type { Role } from '../config/config.ts';

/** Sessions, sign-in and failed sign-ins. */

/** The person who holds a session, at this moment. */
export interface SessionHolder {
  id: string;
  name: string;
  role: Role;
  /** Milliseconds until it expires unless it is used. */
  remaining_ms: number;
  /** Milliseconds since the person entered their credentials; null if the provider does not say. */
  authenticated_ms: number | null;
}

/** One browser in which a person is signed in. */
export interface SessionRow {
  /** Not the session token, which only the browser has. */
  id: string;
  name: string;
  /** The subject at the identity provider, which does not change with the name. */
  subject: string;
  role: Role;
  address: string | null;
  user_agent: string | null;
  signed_in_at: string;
  last_used_at: string;
  expires_at: string;
}

/** Why a request was refused before it could do anything. */
export type RefusalKind =
  | 'invalid_token'
  | 'forbidden'
  | 'csrf'
  | 'bad_signature'
  | 'bad_logout_token'
  | 'too_many_sign_ins'
  | 'not_a_navigation'
  | 'no_attempt'
  | 'state_mismatch'
  | 'replayed'
  | 'over_quota'
  | 'too_many_waiting'
  | 'too_large'
  | 'busy'
  | 'sign_in_refused';

/** Records that a request of this address was refused. `source`: where it is known to be a source that may send. */
export type Refuse = (kind: RefusalKind, address: string, source?: string | null) => void;

/** Refused requests of an hour or a day, which begins at `at`. */
export interface RefusalPeriod {
  at: string;
  times: number;
  kinds: Record<string, number>;
}

/** What was refused in the last 30 days, newest first. */
export interface RefusalSummary {
  kinds: {
    kind: RefusalKind;
    this_hour: number;
    last_24_hours: number;
    last_30_days: number;
    last_seen_at: string;
  }[];
  /** The last 24 hours, by hour. */
  hours: RefusalPeriod[];
  days: RefusalPeriod[];
  /** An IPv4 address, or the /64 of an IPv6 one. */
  networks: { kind: RefusalKind; network: string; times: number; first_seen_at: string; last_seen_at: string }[];
}

/** Failed sign-ins from one network within a minute that ends in `left_ms`. */
export interface FailureCount {
  network: string;
  failures: number;
  left_ms: number;
}

export interface SignIn {
  /** The host of the identity provider. */
  readonly provider: string;
  /** Code of the reason why sign-in is impossible at this moment; null if it is possible. */
  trouble(): Promise<string | null>;
  /** The URL to send the browser to, and the signed attempt that it must bring back with the answer. */
  begin(wish: {
    to?: string | undefined;
    asSomebodyElse: boolean;
    /** The person has to enter their credentials again, unless they did so recently. */
    again: boolean;
  }): Promise<{ url: string; attempt: string }>;
  /** Throws Problem if the answer does not permit sign-in. `replaces` is the token that the browser had before. */
  complete(back: {
    attempt: string | null;
    answer: URLSearchParams;
    visitor: { address: string; userAgent: string };
    replaces: string | null;
    /** Called before the provider is. If it throws, the attempt stays as good as it was. */
    mayCall(): Promise<void>;
  }): Promise<{ token: string; maxAgeMs: number; to: string }>;
  /** Ends the session. Returns the URL for signing out of the provider, if it has one. */
  end(token: string): Promise<{ providerUrl: string | null }>;
  /**
   * Ends the sessions of a person who signed out at the provider, which tells it with this token from this address. Throws
   * Problem `bad_request` if the token is not valid.
   */
  logout(token: string, address: string): Promise<{ ended: number }>;
}
