import type { Role } from '../config/config.ts';

/** Who signs in, and who failed to. */

/** Whom a session speaks for, at this moment. */
export interface SessionHolder {
  id: string;
  name: string;
  role: Role;
  /** Until it ends by itself, unless it is used. */
  remaining_ms: number;
}

/** One browser in which somebody is signed in. */
export interface SessionRow {
  /** Opens nothing; what opens is in the browser alone. */
  id: string;
  name: string;
  /** Who it is to the identity provider, whatever they call themselves. */
  subject: string;
  role: Role;
  address: string | null;
  user_agent: string | null;
  signed_in_at: string;
  last_used_at: string;
  expires_at: string;
}

/** How often somebody failed to get in, from all of one network, within a minute that ends in `left_ms`. */
export interface FailureCount {
  network: string;
  failures: number;
  left_ms: number;
}

export interface SignIn {
  /** The host of the identity provider. */
  readonly provider: string;
  /** Why nobody can sign in at this moment, as a code; null where one can. */
  trouble(): Promise<string | null>;
  /** Where to send the browser, and what it has to bring back, signed, for the answer to count. */
  begin(wish: { to?: string | undefined; asSomebodyElse: boolean }): Promise<{ url: string; attempt: string }>;
  /** Throws a Problem (errors.ts) for an answer that lets nobody in. `replaces` is the token that the browser held before. */
  complete(back: {
    attempt: string | null;
    answer: URLSearchParams;
    visitor: { address: string; userAgent: string };
    replaces: string | null;
  }): Promise<{ token: string; maxAgeMs: number; to: string }>;
  /** Ends the session; answers where to sign out of the provider too, where that is offered. */
  end(token: string): Promise<{ providerUrl: string | null }>;
}
