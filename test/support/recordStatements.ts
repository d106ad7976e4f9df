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
  statements: Statement[];
  stop(): void;
}

/** Records each statement that a file in src/ sends, once per text, until stopped. */
export function recordStatements(): Recorder {
  const byText = new Map<string, Statement>();
  const originals = [pg.Pool.prototype, pg.Client.prototype].map((prototype) => {
    const original = prototype.query as (...given: unknown[]) => unknown;
    prototype.query = function recorded(this: unknown, ...given: unknown[]): unknown {
      const { text, values } = sentBy(given);
      if (text !== undefined && !byText.has(text)) {
        const file = sendingFile();
        if (file) byText.set(text, { text, values, file });
      }
      return original.apply(this, given);
    } as never;
    return { prototype, original };
  });
  return {
    get statements() {
      return [...byText.values()];
    },
    stop() {
      for (const { prototype, original } of originals) prototype.query = original as never;
    },
  };
}

/** A statement is given as text with values, or as an object that has both. */
function sentBy([query, values]: unknown[]): { text: string | undefined; values: unknown[] } {
  const given = typeof query === 'string' ? { text: query, values } : (query as { text?: string; values?: unknown });
  return { text: given.text, values: Array.isArray(given.values) ? given.values : [] };
}

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
  const own = files.map((file) => relative(packageRoot, file ?? '')).find((file) => file.startsWith('src/'));
  return own ?? null;
}
