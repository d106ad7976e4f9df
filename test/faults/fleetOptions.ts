import type { KillFault } from './planFaults.ts';

/** One process of the program, as the platform starts it. */
export interface ProcessPlan {
  name: string;
  args: string[];
  env: Record<string, string>;
  url: string | null;
}

export interface FleetOptions {
  processes: ProcessPlan[];
  /** Folder for the logs, one file per process. */
  dir: string;
  /** Modules that are loaded before the program. */
  preloads: readonly URL[];
  /** How long to wait before a process that ended is restarted. */
  restartMs(): number;
  /** A process that cannot reach its database while it starts may end; it is restarted. */
  isDatabaseAway(process: string): boolean;
  /** What a process of this release has besides; 0 is the present one. */
  ofRelease?(release: number, plan: ProcessPlan): { preloads: readonly URL[]; env: Record<string, string> };
  /** Called with each line of a log. */
  onEntry?(entry: Record<string, unknown>): void;
  /** Called when an armed process has killed itself. */
  onKilledAt?(step: KillFault): void;
}

/** Misbehaviour of a process that no injected fault explains. */
export interface Complaint {
  process: string;
  what: 'error_line' | 'stray_output' | 'ended' | 'slow_stop' | 'dirty_stop';
  text: string;
}
