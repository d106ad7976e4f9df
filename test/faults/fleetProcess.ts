import type { KillFault } from './planFaults.ts';

/** One process of the program, which is restarted when it ends. */
export interface FleetProcess {
  name: string;
  /** Null for a worker. */
  url: string | null;
  starts: number;
  /** The release that was deployed last; 0 is the present one. */
  release: number;
  /** Whether it has started, has not ended and is not paused. */
  isUp(): boolean;
  /** Whether it is up, and of this release. */
  runs(release: number): boolean;
  /** Its next starts are of this release. Sends SIGTERM where it is up and of another one. */
  deploy(release: number): void;
  /** Sends SIGKILL; its sockets stay open, and can be written to, until the system has removed the process. */
  kill(onRemoved?: () => void): void;
  /** Sends SIGTERM, as a deploy does. */
  term(): void;
  /** Stops it with SIGSTOP for this time, as an overloaded machine would. */
  pause(ms: number): void;
  /** Makes its clock jump by an hour. */
  stepClock(): void;
  /** Lets it kill itself when it comes to this step; null takes that back. */
  arm(step: KillFault | null): void;
}
