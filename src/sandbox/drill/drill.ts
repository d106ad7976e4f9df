import type { House } from './environment.ts';

/** One failure mode of the runbook, acted out. */
export interface Drill {
  name: string;
  surfaceIds: string[];
  /** Beside the usual ones. */
  settings?: Record<string, string>;
  /** Throws where the program does not behave; says each step that it got right. */
  run(house: House, say: (line: string) => void): Promise<void>;
}
