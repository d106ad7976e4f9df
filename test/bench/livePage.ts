import http from 'node:http';
import { get } from './client.ts';

/** An open status page without a browser: it receives events and fetches the changed tiles, as the script of the page does. */
export interface LivePage {
  /** Bytes of the last update as transferred. */
  bytes(): number;
  /** Resolves after the next update, with the time of its arrival. */
  updated(): Promise<number>;
  close(): void;
}

export async function openLivePage(base: string): Promise<LivePage> {
  let onUpdate: (at: number) => void = () => undefined;
  let bytes = 0;
  const since = new Date().toISOString();
  const request = http.get(`${base}/console/events?grid_since=${since}`, { agent: false });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });

  async function fetchTiles({ ids, all, as_of }: { ids: string[]; all: boolean; as_of: string }): Promise<void> {
    if (all) return;
    const headers = { 'HX-Request': 'true', accept: 'text/html', 'accept-encoding': 'br, gzip' };
    const answer = await get(`${base}/console/status?tiles=${ids.join(',')}&as_of=${as_of}`, headers);
    bytes = answer.bytes;
    onUpdate(performance.now());
  }

  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      if (!event.includes('event: grid')) continue;
      // The page tries again later, as a browser does.
      fetchTiles(JSON.parse(/data: (.*)/.exec(event)?.[1] ?? '{}')).catch(() => undefined);
    }
  });
  response.on('error', () => undefined);
  return {
    bytes: () => bytes,
    updated: () =>
      new Promise((resolve) => {
        onUpdate = resolve;
      }),
    close: () => request.destroy(),
  };
}
