import { type DestinationStream, type Logger, pino } from 'pino';
import { spelledOut } from './invisible.ts';
import { HIDDEN, presentable } from './presentable.ts';
import { maskSecrets, registerSecrets } from './secretTexts.ts';

/** Each component logs through a child: `log.child({ part: 'poller' })`. No part may be named after FreeScout: runbooks search for that word. */
export type Log = Logger;

// Runbooks search for these names.
const LEVEL_NAMES: Record<string, string> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'ERROR',
};

const WARNING = 40;
/** The last line of a process is never replaced. */
const FATAL = 60;

/**
 * Writes one JSON line per entry, to stdout by default. Hides fields that are named like a secret at any depth, reduces
 * errors to harmless fields, and replaces `secrets`, and those of `registerSecrets`, in every line. Characters that a
 * reader does not see are escaped.
 */
export function createLog(options: {
  level: string;
  destination?: DestinationStream;
  secrets?: readonly string[];
  /** Whether a warning or error with these facts is reported elsewhere; it is then logged at DEBUG. */
  replaces?: (facts: unknown) => boolean;
}): Log {
  const { replaces = () => false } = options;
  registerSecrets(options.secrets ?? []);
  return pino(
    {
      level: options.level,
      // No host name: in an app that is named after FreeScout, every line would match the searches in the runbooks.
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: LEVEL_NAMES[label] ?? label.toUpperCase() }),
        log: presentable,
      },
      // The formatter above does not see the fields of a child.
      serializers: { err: (value: unknown) => presentable({ value }).value },
      redact: { paths: ['apiKey', 'authorization', 'cookie', 'password', 'secret', 'token'], censor: HIDDEN },
      hooks: {
        logMethod(args, method, level) {
          if (level >= WARNING && level < FATAL && replaces(args[0])) this.debug(...args);
          else method.apply(this, args);
        },
        streamWrite: (line) => spelledOut(maskSecrets(line).replace(/\bBearer [\w.~+/=-]+/gi, `Bearer ${HIDDEN}`)),
      },
    },
    options.destination ?? pino.destination(1),
  );
}
