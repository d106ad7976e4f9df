import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { withTimeout } from '../../src/lib/withTimeout.ts';
import { get } from './client.ts';

/** An open status page without a browser: it receives events and fetches the changed tiles, as the script of the page does. */
export interface LivePage {
  /** Bytes of the last update as transferred. */
  bytes(): number;
  /** Resolves after the next update, with the time of its arrival. Rejects if none arrives for a minute. */
  updated(): Promise<number>;
  close(): void;
}

/** Each reader may have twenty event streams; see `src/http/liveUpdates.ts`. */
const PAGES_OF_ONE_READER = 20;
const UPDATED_WITHIN_MS = 60_000;
const TRY_AGAIN_MS = 500;

interface Update {
  ids: string[];
  all: boolean;
  as_of: string;
}

const tokenOf = (reader: number): string => `bench-reader-${String(reader).padStart(4, '0')}-0000000000000000`;
const readerOf = (page: number): number => Math.floor(page / PAGES_OF_ONE_READER);

/** The setting with a token for each reader of this many pages. */
export const readersOf = (pages: number): { CONSOLE_API_TOKENS: string } => ({
  CONSOLE_API_TOKENS: Array.from(
    { length: readerOf(Math.max(pages, 1) - 1) + 1 },
    (_, reader) => `reader-${reader}:viewer:${tokenOf(reader)}`,
  ).join(),
});

/** Opens the page with this number. */
export async function openLivePage(base: string, page: number): Promise<LivePage> {
  const authorization = `Bearer ${tokenOf(readerOf(page))}`;
  let onUpdate: (at: number) => void = () => undefined;
  let onFailure: (error: Error) => void = () => undefined;
  let bytes = 0;
  let isClosed = false;
  const since = new Date().toISOString();
  const request = http.get(`${base}/console/events?grid_since=${since}`, { agent: false, headers: { authorization } });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  if (response.statusCode !== 200) throw new Error(`page ${page} has no event stream: ${response.statusCode}`);

  /** As the script of a page does, tries again if that fails. */
  async function fetchTiles({ ids, all, as_of }: Update): Promise<void> {
    const query = all ? '' : `?tiles=${ids.join(',')}&as_of=${as_of}`;
    const headers = { 'HX-Request': 'true', accept: 'text/html', 'accept-encoding': 'br, gzip', authorization };
    while (!isClosed) {
      try {
        bytes = (await get(`${base}/console/status${query}`, headers)).bytes;
        onUpdate(performance.now());
        return;
      } catch {
        await sleep(TRY_AGAIN_MS);
      }
    }
  }

  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      if (event.includes('event: grid')) void fetchTiles(JSON.parse(/data: (.*)/.exec(event)?.[1] ?? '{}'));
    }
  });
  const lost = () => onFailure(new Error(`the event stream of page ${page} has ended`));
  response.on('error', lost).on('close', lost);
  return {
    bytes: () => bytes,
    updated() {
      const update = new Promise<number>((resolve, reject) => {
        onUpdate = resolve;
        onFailure = reject;
      });
      return withTimeout(UPDATED_WITHIN_MS, update, () => new Error(`page ${page} was not updated within a minute`));
    },
    close() {
      isClosed = true;
      request.destroy();
    },
  };
}
