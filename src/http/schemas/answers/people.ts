import { z } from 'zod';
import type { PageOf } from '../../../model/operations.ts';
import type { RefusalSummary, SessionRow } from '../../../model/people.ts';
import { name } from '../openapiRegistry.ts';
import { at, page } from './shapes.ts';

export const sessions = name(
  'Sessions',
  page(
    z.object({
      id: z.string(),
      name: z.string(),
      subject: z.string(),
      role: z.enum(['viewer', 'operator', 'admin']),
      address: z.string().nullable(),
      user_agent: z.string().nullable(),
      signed_in_at: at,
      last_used_at: at,
      expires_at: at,
    }),
  ),
) satisfies z.ZodType<PageOf<SessionRow>>;

export const revoked = name('Revoked', z.object({ id: z.string(), revoked: z.literal(true) }));

export const signIn = name(
  'SignIn',
  z.object({
    provider: z.string(),
    available: z.boolean(),
    trouble: z.string().nullable(),
    start: z.string(),
    signed_in_as: z.string().nullable(),
  }),
);

export const signedOut = name(
  'SignedOut',
  z.object({ signed_out: z.literal(true), provider: z.string(), provider_sign_out: z.string().nullable() }),
);

export const loggedOut = name('LoggedOut', z.object({ ended: z.int() }));

export const refusalKind = z.enum([
  'invalid_token',
  'forbidden',
  'csrf',
  'bad_signature',
  'bad_logout_token',
  'too_many_sign_ins',
  'not_a_navigation',
  'no_attempt',
  'state_mismatch',
  'replayed',
  'over_quota',
  'too_many_waiting',
  'too_large',
  'busy',
  'sign_in_refused',
]);
const times = z.int();
const refusalPeriods = z.array(z.object({ at, times, kinds: z.record(z.string(), times) }));

export const refusals = name(
  'Refusals',
  z.object({
    kinds: z.array(
      z.object({ kind: refusalKind, this_hour: times, last_24_hours: times, last_30_days: times, last_seen_at: at }),
    ),
    hours: refusalPeriods,
    days: refusalPeriods,
    networks: z.array(z.object({ kind: refusalKind, network: z.string(), times, first_seen_at: at, last_seen_at: at })),
  }),
) satisfies z.ZodType<RefusalSummary>;
