import http from 'node:http';
import { alertsOf, postAlerts } from './alerts.ts';
import { get } from './client.ts';

/** Everybody who uses the program beside a sender of single alerts: readers, open pages, and a sender of thousands. */

export const SEARCHERS = 20;
export const CUSTOMERS = 30;
export const SCRAPERS = 100;
/** As many as one reader may have; see `src/http/liveUpdates.ts`. */
const STREAMS_OF_ONE_READER = 20;
export const STREAMS = SEARCHERS * STREAMS_OF_ONE_READER;
/** As many as one request may have. */
export const ALERTS_IN_REQUEST = 5_000;

const tokenOf = (reader: number) => `viewer-token-number-${reader}-0123456789`;
const authorizationOf = (reader: number) => `Bearer ${tokenOf(reader % SEARCHERS)}`;

/** The setting with a token for each reader. */
export const READERS = {
  CONSOLE_API_TOKENS: Array.from({ length: SEARCHERS }, (_, n) => `reader${n}:viewer:${tokenOf(n)}`).join(),
};

/** What the others achieved. */
export type Others = Record<
  'readers answered per second' | 'readers refused per second' | 'alerts beside them per second',
  number
>;

/**
 * Does the work while all others ask again as soon as they are answered, even if they are refused. `round` makes their
 * alerts new. Throws if no request of the sender of thousands was accepted: the work was then not beside it.
 */
export async function amongReaders<T>(
  url: string,
  round: number,
  work: () => Promise<T>,
): Promise<{ result: T; others: Others }> {
  let isOver = false;
  let [answered, refused, accepted] = [0, 0, 0];
  let lastRefusal: unknown;
  const ask = async (path: string, reader: number) => {
    const headers = { authorization: authorizationOf(reader), accept: 'application/json' };
    while (!isOver) {
      await get(url + path, headers).then(
        () => (answered += 1),
        () => (refused += 1),
      );
    }
  };
  const send = async () => {
    for (let request = 0; !isOver; request += 1) {
      // The first characters of their ids tell alerts apart. Nobody is told about this severity.
      const alerts = alertsOf(`f${round}n${request}`, ALERTS_IN_REQUEST);
      await postAlerts(url, alerts, 'info', 'flood').then(
        () => (accepted += alerts.length),
        (error: unknown) => {
          lastRefusal = error;
        },
      );
    }
  };
  const streams = await openStreams(url);
  const from = performance.now();
  const readers = [
    ...times(SEARCHERS, (n) => ask('/console/audit?q=no-row-has-this', n)),
    ...times(CUSTOMERS, (n) => ask(`/console/customers/${n + 1}/tickets`, n)),
    ...times(SCRAPERS, (n) => ask('/metrics', n)),
  ];
  const sender = send();
  try {
    const result = await work();
    isOver = true;
    // The last request began beside the work; it counts with the time that it took.
    await Promise.all([...readers, sender]);
    if (accepted === 0) throw new Error('no request with thousands of alerts was accepted', { cause: lastRefusal });
    const perSecond = (count: number) => (count * 1_000) / (performance.now() - from);
    return {
      result,
      others: {
        'readers answered per second': perSecond(answered),
        'readers refused per second': perSecond(refused),
        'alerts beside them per second': perSecond(accepted),
      },
    };
  } finally {
    isOver = true;
    for (const close of streams) close();
    await Promise.all([...readers, sender]);
  }
}

const times = <T>(count: number, each: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => each(n));

/** Closes those that are open if one is refused. */
async function openStreams(url: string): Promise<(() => void)[]> {
  const opened = await Promise.allSettled(times(STREAMS, (n) => openStream(url, n)));
  const streams = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = opened.find((each) => each.status === 'rejected');
  if (!failed) return streams;
  for (const close of streams) close();
  throw failed.reason;
}

/** Reads an event stream to its end, which the returned function brings about. */
async function openStream(url: string, n: number): Promise<() => void> {
  const headers = { authorization: authorizationOf(n) };
  const request = http.get(`${url}/console/events`, { agent: false, headers });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  if (response.statusCode !== 200) throw new Error(`stream ${n} was answered with ${response.statusCode}`);
  // Closing it is an error for both.
  request.on('error', () => undefined);
  response.on('error', () => undefined).resume();
  return () => void request.destroy();
}
