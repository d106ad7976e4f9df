/** A whole response. */
export interface FetchedText {
  status: number;
  headers: Headers;
  text: string;
}

/**
 * Fetches an address with its body, or rejects with a TimeoutError after this time. The signal of a `fetch` does not
 * suffice for that: on Node.js 20 it may be collected as garbage, and a call without an answer then never ends.
 */
export async function fetchWithin(ms: number, url: string, init: RequestInit = {}): Promise<FetchedText> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DOMException(`no answer within ${ms} ms`, 'TimeoutError');
      controller.abort(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([fetchText(url, { ...init, signal: controller.signal }), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function fetchText(url: string, init: RequestInit): Promise<FetchedText> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}
