import { request } from 'node:http';
import { Readable } from 'node:stream';

/** As a browser loads a page. `fetch` cannot, because it always sends `Sec-Fetch-Mode: cors`. Follows no redirect. */
export function navigate(url: string, headers: Headers): Promise<Response> {
  const sent = { 'user-agent': 'node', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, headers: { ...sent, ...Object.fromEntries(headers) } }, (answer) => {
      const { statusCode: status = 0, rawHeaders } = answer;
      const received = new Headers();
      for (let n = 0; n < rawHeaders.length; n += 2) received.append(rawHeaders[n] ?? '', rawHeaders[n + 1] ?? '');
      const body = [204, 304].includes(status) ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
      resolve(new Response(body, { status, headers: received }));
    });
    asked.once('error', reject).end();
  });
}
