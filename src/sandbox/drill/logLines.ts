import { createLog, type Log } from '../../log/log.ts';

/** One line of the program's log, with the parts that the runbooks use. */
export interface Line {
  level: string;
  msg: string;
  /** The whole line. */
  text: string;
}

/** A log that records its lines instead of printing them. */
export function recordLines(): { lines: Line[]; log: Log } {
  const lines: Line[] = [];
  const write = (text: string): void => {
    const { level, msg }: { level: string; msg: string } = JSON.parse(text);
    lines.push({ level, msg, text });
  };
  return { lines, log: createLog({ level: 'info', destination: { write } }) };
}

/** The pattern that the runbook greps for when FreeScout fails. */
const DEGRADED = /freescout.*degraded|freescout.*WARNING|ticket.*failed/i;

export const warnings = (lines: Line[]): Line[] =>
  lines.filter(({ level, text }) => level === 'WARNING' && DEGRADED.test(text));

export const errors = (lines: Line[]): string[] => lines.filter(({ level }) => level === 'ERROR').map(({ msg }) => msg);
