import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRequest } from '../../../src/alerts/senders/readRequest.ts';
import { NotUnderstood, type Sender, type SourceSettings } from '../../../src/alerts/senders/sender.ts';
import { packageRoot } from '../../../src/lib/packageRoot.ts';

/** Stored requests of senders, and beside each what is read from it. */

export interface Fixture {
  file: string;
  what: string;
  /** Nulls, nothing, too much, foreign characters, HTML, cut off, or not as the sender's documentation says. */
  odd?: true;
  request: { method: string; rest: string; query: string; headers: Record<string, string>; body: unknown };
  settings?: Partial<SourceSettings>;
}

const FOLDER = join(packageRoot, 'test', 'fixtures', 'senders');

export const fixturesOf = (sender: string): Fixture[] =>
  readdirSync(join(FOLDER, sender))
    .filter((name) => name.endsWith('.json') && !name.endsWith('.expected.json'))
    .map((name) => ({
      file: join(FOLDER, sender, name),
      ...JSON.parse(readFileSync(join(FOLDER, sender, name), 'utf8')),
    }));

export const expectedPath = ({ file }: Fixture): string => file.replace(/\.json$/, '.expected.json');

/** As JSON: without what is undefined. */
export async function readFixture(sender: Sender, { request, settings }: Fixture): Promise<unknown> {
  const { body } = request;
  const all = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null, ...settings };
  const sent = { ...request, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
  try {
    const { alerts, notices, refused } = await readRequest(sender, sent, all);
    const more = { ...(notices.length === 0 ? {} : { notices }), ...(refused === 0 ? {} : { refused }) };
    return JSON.parse(JSON.stringify({ alerts, ...more }));
  } catch (error) {
    if (error instanceof NotUnderstood) return { not_understood: error.message };
    throw error;
  }
}
