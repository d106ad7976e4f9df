/** What one check came to: fine, worth a look, or something does not work. */
export type State = 'ok' | 'WARN' | 'FAIL';

export interface Finding {
  /** A few words; the same check has the same name in every run. */
  check: string;
  state: State;
  /** A sentence: what was found and, unless it is fine, what to do. */
  says: string;
}

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says });
export const warn = (check: string, says: string): Finding => ({ check, state: 'WARN', says });
export const fail = (check: string, says: string): Finding => ({ check, state: 'FAIL', says });
