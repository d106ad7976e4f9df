/** ok: works. WARN: works, but needs attention. FAIL: does not work. */
export type State = 'ok' | 'WARN' | 'FAIL';

export interface Finding {
  /** The name of the check, which is the same in every run. */
  check: string;
  state: State;
  /** What was found and, unless it is ok, what to do. */
  says: string;
}

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says });
export const warn = (check: string, says: string): Finding => ({ check, state: 'WARN', says });
export const fail = (check: string, says: string): Finding => ({ check, state: 'FAIL', says });
