import { type DestinationStream, type Logger, pino } from 'pino';
import { HIDDEN, presentable } from './presentable.ts';

/** Take a child with the part it speaks for: `log.child({ part: 'poller' })`. Never name a part after the help desk. */
export type Log = Logger;

// Runbooks look for these words; there are only four.
const LEVEL_NAMES: Record<string, string> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'ERROR',
};

// A shorter one, say a test's password, would blot out ordinary words.
const MIN_SECRET_LENGTH = 12;

/**
 * One JSON line for each entry, on stdout unless `destination` says otherwise. Fields that are named like a secret
 * are hidden at any depth, errors are cut down to harmless facts, and `secrets` are blotted out of every line.
 */
export function createLog(options: {
  level: string;
  destination?: DestinationStream;
  secrets?: readonly string[];
}): Log {
  // As they look inside JSON text.
  const blotted = (options.secrets ?? [])
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .map((secret) => JSON.stringify(secret).slice(1, -1));
  return pino(
    {
      level: options.level,
      // No host name: an app named after the help desk would make every line match what the runbooks look for.
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: LEVEL_NAMES[label] ?? label.toUpperCase() }),
        log: presentable,
      },
      // What a child is bound to does not pass through the formatter above.
      serializers: { err: (value: unknown) => presentable({ value }).value },
      redact: { paths: ['apiKey', 'authorization', 'cookie', 'password', 'secret', 'token'], censor: HIDDEN },
      hooks: {
        streamWrite: (line) =>
          blotted
            .reduce((text, secret) => text.replaceAll(secret, HIDDEN), line)
            .replace(/\bBearer [\w.~+/=-]+/gi, `Bearer ${HIDDEN}`),
      },
    },
    options.destination ?? pino.destination(1),
  );
}
