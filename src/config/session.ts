import { z } from 'zod';
import { withDefault } from './settingsTree.ts';
import { wholeNumber } from './values.ts';

const WEEK_MINUTES = 10_080;

/** How long people stay signed in, and how long their role counts. */
export const session = z.object({
  idleMinutes: withDefault('SESSION_IDLE_MINUTES', wholeNumber(1, WEEK_MINUTES), '120').describe(
    'the minutes without activity after which a person has to sign in again',
  ),
  maxHours: withDefault('SESSION_MAX_HOURS', wholeNumber(1, 720), '12').describe(
    'the hours after which everybody has to sign in again; a role lasts as long if the provider gives no refresh token',
  ),
  roleCheckMinutes: withDefault('SESSION_ROLE_CHECK_MINUTES', wholeNumber(0, WEEK_MINUTES), '15').describe(
    'the minutes after which the role of a signed-in person is read from the provider again, or 0 to read it at sign-in only',
  ),
  roleMaxMinutes: withDefault('SESSION_ROLE_MAX_MINUTES', wholeNumber(1, WEEK_MINUTES), '240').describe(
    'the minutes that a role counts while the provider does not answer; after that the person has to sign in again',
  ),
});
