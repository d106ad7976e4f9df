import { maskSecrets } from '../../log/secretTexts.ts';

/** Longer property names are dropped: the library searches each name for tokens in quadratic time. */
const MAX_NAME = 200;
/** Statuses for which a Response must not have a body. */
const BODILESS = new Set([101, 204, 205, 304]);

/** The same response without our secrets, and with long property names dropped. */
export async function boundedResponse(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  const text = boundedJson(maskSecrets(await response.text()));
  return new Response(BODILESS.has(status) ? null : text, { status, statusText, headers: headersOfPlainBody(headers) });
}

/** Text that is not JSON stays unchanged. */
function boundedJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, (name, value) => (name.length > MAX_NAME ? undefined : value)));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** Without the headers that describe the encoding and length of the original body. */
function headersOfPlainBody(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name);
  return kept;
}
