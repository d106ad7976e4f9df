import { format } from 'node:util';

type Say = (line: string) => void;

/**
 * Libraries write some of their troubles to the console by themselves, as text of several lines. From now on each is one
 * line of the log like any other. What a library only mentions, and traces of what it also throws, are for debugging.
 */
export function logConsole(log: { warn: Say; debug: Say }): void {
  const warn = (...said: unknown[]) => log.warn(`console: ${format(...said)}`);
  const debug = (...said: unknown[]) => log.debug(`console: ${format(...said)}`);
  Object.assign(console, { error: warn, warn, log: debug, info: debug, debug, trace: debug });
}
