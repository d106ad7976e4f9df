import type { Pool } from 'pg';
import { attemptDigest, type SignInAttempt } from './signInAttempt.ts';

/** Started sign-ins whose answer has come, for all processes. */
export interface SpentSignIns {
  /** False if it was spent before. */
  spend(attempt: SignInAttempt): Promise<boolean>;
  /** Calls `mayCall`; if it throws, the attempt can be used again. After a death in between, the person starts again. */
  askOrPutBack(attempt: SignInAttempt, mayCall: () => Promise<void>): Promise<void>;
}

export const createSpentSignIns = (pool: Pick<Pool, 'query'>): SpentSignIns => ({
  async spend(attempt) {
    const insert = 'insert into spent_sign_ins (digest) values ($1) on conflict do nothing';
    return (await pool.query(insert, [attemptDigest(attempt)])).rowCount === 1;
  },
  async askOrPutBack(attempt, mayCall) {
    try {
      await mayCall();
    } catch (error) {
      await pool.query('delete from spent_sign_ins where digest = $1', [attemptDigest(attempt)]);
      throw error;
    }
  },
});
