import { format } from 'node:util';

type WriteLine = (line: string) => void;

/**
 * Redirects the global console to the log, because libraries write warnings there as text of several lines. Errors and
 * warnings become WARNING lines, everything else DEBUG.
 */
export function logConsole(log: { warn: WriteLine; debug: WriteLine }): void {
  const warn = (...args: unknown[]) => log.warn(`console: ${format(...args)}`);
  const debug = (...args: unknown[]) => log.debug(`console: ${format(...args)}`);
  Object.assign(console, { error: warn, warn, log: debug, info: debug, debug, trace: debug });
}
