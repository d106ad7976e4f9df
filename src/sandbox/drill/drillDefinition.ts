import type { DrillEnvironment } from './drillEnvironment.ts';

/** One failure mode of the runbook, acted out. */
export interface Drill {
  name: string;
  surfaceIds: string[];
  /** Beside the usual ones. */
  settings?: Record<string, string>;
  /** Throws where the program does not behave; says each step that it got right. */
  run(environment: DrillEnvironment, say: (line: string) => void): Promise<void>;
}
