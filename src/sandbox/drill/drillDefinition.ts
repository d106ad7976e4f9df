import type { DrillEnvironment } from './drillEnvironment.ts';

/** A rehearsal of one failure mode of the runbook. */
export interface Drill {
  name: string;
  surfaceIds: string[];
  /** Settings added to those of every drill. */
  settings?: Record<string, string>;
  /** Reports each step that passes. Throws when the program does not behave as expected. */
  run(environment: DrillEnvironment, report: (line: string) => void): Promise<void>;
}
