import { relative } from 'node:path';
import pg from 'pg';
import { packageRoot } from '../../src/lib/packageRoot.ts';

/** One statement that the program sent, with the values of its first run and the file that sent it. */
export interface Statement {
  text: string;
  values: unknown[];
  /** Path below the root. */
  file: string;
}

interface Recorder {
  /** Once per text. */
  statements: Statement[];
  /** Every one, in the order in which they were sent. */
  sent: Sent[];
  stop(): void;
}

interface Sent {
  text: string;
  file: string;
  /** It was sent behind another one, without waiting for the answer to that. */
  follows: boolean;
}

/** Records each statement that a file in src/ sends, until stopped. */
export function recordStatements(): Recorder {
  const byText = new Map<string, Statement>();
  const sent: Sent[] = [];
  const unanswered = new WeakMap<object, number>();
  const count = (connection: object, change: 1 | -1) =>
    unanswered.set(connection, (unanswered.get(connection) ?? 0) + change);
  const originals = [pg.Pool.prototype, pg.Client.prototype].map((prototype) => {
    const original = prototype.query as (...given: unknown[]) => unknown;
    prototype.query = function recorded(this: object, ...given: unknown[]): unknown {
      const { text, values } = sentBy(given);
      const file = text === undefined ? null : sendingFile();
      const follows = this instanceof pg.Client && (unanswered.get(this) ?? 0) > 0;
      const answer = original.apply(this, given);
      if (text === undefined || file === null) return answer;
      if (!byText.has(text)) byText.set(text, { text, values, file });
      sent.push({ text, file, follows });
      if (answer instanceof Promise) {
        count(this, 1);
        const answered = () => void count(this, -1);
        answer.then(answered, answered);
      }
      return answer;
    } as never;
    return { prototype, original };
  });
  return {
    get statements() {
      return [...byText.values()];
    },
    sent,
    stop() {
      for (const { prototype, original } of originals) prototype.query = original as never;
    },
  };
}

/** Of tasks that run by the clock, and of settings, which are read again after a while. */
const BESIDES =
  /^src\/((actors\/(takeover|clockWatch|jobs)|db\/(listen|keepConnected|databaseClock)|notify\/notificationRules|alerts\/(silences\/active|shadow\/state))\.ts$|(flags|alerts\/sources)\/)/;
/** The same, every 15 s. */
const FORGOTTEN_CLAIMS = /^select id from graphile_worker\._private_jobs where locked_by = any/;

/** How many statements these are without such tasks and settings, how many of them waited for others, and which. */
export function countSent(all: readonly Sent[]): { sent: number; roundTrips: number; list: string } {
  const own = all.filter(({ file, text }) => !BESIDES.test(file) && !FORGOTTEN_CLAIMS.test(text));
  const lines = own.map(({ file, text, follows }) => `${follows ? '+' : '-'} ${file}: ${text.trim().slice(0, 60)}`);
  return { sent: own.length, roundTrips: own.filter(({ follows }) => !follows).length, list: lines.join('\n') };
}

/** They differ in more than digits, because the ids of one alert may differ so. */
const NAMES = ['second', 'third', 'fourth', 'fifth', 'sixth'] as const;

/**
 * Counts up to five times, and returns the first count that is within its bounds, else the fifth. What a process remembers
 * for half a second, it reads again where a busy machine takes longer for what is counted; that does not happen in each
 * try. So this finds a statement too many that is sent each time, and not one that is sent only sometimes. `count` gets a
 * name for what it counts, and that of the one before, which at first is `first`.
 */
export async function firstWithin<T>(
  count: (name: string, before: string) => Promise<T>,
  isWithin: (counted: T) => boolean,
): Promise<T> {
  const [name, ...further] = NAMES;
  let counted = await count(name, 'first');
  let before: string = name;
  for (const next of further) {
    if (isWithin(counted)) break;
    counted = await count(next, before);
    before = next;
  }
  return counted;
}

/** A statement is given as text with values, or as an object that has both. */
function sentBy([query, values]: unknown[]): { text: string | undefined; values: unknown[] } {
  const given = typeof query === 'string' ? { text: query, values } : (query as { text?: string; values?: unknown });
  return { text: given.text, values: Array.isArray(given.values) ? given.values : [] };
}

/** Send what other files give them. */
const HELPERS = ['src/db/prepared.ts', 'src/db/pageReader.ts'];

/** The innermost file of src/ on the stack, apart from helpers that send what others give them. */
function sendingFile(): string | null {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 40;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = stackTraceLimit;
  const files = frames.flatMap(
    (frame) =>
      /\((?:file:\/\/)?(\/[^():]+):\d+:\d+\)|at (?:file:\/\/)?(\/[^():]+):\d+:\d+/
        .exec(frame)
        ?.slice(1)
        .filter(Boolean) ?? [],
  );
  const own = files
    .map((file) => relative(packageRoot, file ?? ''))
    .find((file) => file.startsWith('src/') && !HELPERS.includes(file));
  return own ?? null;
}
