import { navigate } from './navigate.ts';

/** An HTTP client with cookies. */
export interface CookieClient {
  /** Sends a request with the cookies of its host, and stores those of the response. Follows no redirect. */
  request(url: string, init?: RequestInit): Promise<Response>;
  /** Loads a page as a browser does. */
  get(url: string, headers?: Record<string, string>): Promise<Response>;
  /** Submits a form, with the origin of that host. */
  submit(url: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Follows redirects to the end, or to an address that begins with `stop`, which is not requested. */
  follow(url: string, stop?: string): Promise<{ response: Response; url: string }>;
  cookie(url: string, name: string): string | undefined;
  /** Names and values. */
  cookies(url: string): [string, string][];
  setCookie(url: string, name: string, value: string): void;
  /** A new client with the same cookies. */
  copy(): CookieClient;
}

const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const MAX_REDIRECTS = 15;

export function createCookieClient(
  cookies: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(),
): CookieClient {
  const jars = new Map([...cookies].map(([host, jar]) => [host, new Map(jar)]));
  const jarOf = (url: string): Map<string, string> => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };

  function withCookies(url: string, given: RequestInit['headers']): Headers {
    const headers = new Headers(given);
    const own = [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    if (own !== '' && !headers.has('cookie')) headers.set('cookie', own);
    return headers;
  }
  function keepCookies(url: string, response: Response): Response {
    const jar = jarOf(url);
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }
  const request = async (url: string, init: RequestInit = {}) =>
    keepCookies(url, await fetch(url, { redirect: 'manual', ...init, headers: withCookies(url, init.headers) }));
  const get = async (url: string, headers: Record<string, string> = {}) =>
    keepCookies(url, await navigate(url, withCookies(url, { ...PAGE, ...headers })));

  return {
    request,
    get,
    submit: (url, fields, headers = {}) =>
      request(url, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { ...PAGE, origin: new URL(url).origin, ...headers },
      }),
    async follow(from, stop) {
      let url = from;
      for (let n = 0; n < MAX_REDIRECTS; n += 1) {
        const response = await get(url);
        const location = response.headers.get('location');
        if (location === null) return { response, url };
        url = new URL(location, url).href;
        if (stop !== undefined && url.startsWith(stop)) return { response, url };
      }
      throw new Error(`more than ${MAX_REDIRECTS} redirects from ${from}`);
    },
    cookie: (url, name) => jarOf(url).get(name),
    cookies: (url) => [...jarOf(url)],
    setCookie: (url, name, value) => void jarOf(url).set(name, value),
    copy: () => createCookieClient(jars),
  };
}

export const SESSION = 'console_session';

/** Signs in at the provider and resolves with the address of the callback, which is not requested yet. */
export function signInAtProvider(client: CookieClient, consoleUrl: string, name: string, query = ''): Promise<string> {
  return finishAtProvider(client, consoleUrl, name, `${consoleUrl}/sign-in/start${query}`);
}

/** The same for a sign-in that was begun before; `from` is the address at the provider. */
export async function finishAtProvider(
  client: CookieClient,
  consoleUrl: string,
  name: string,
  from: string,
): Promise<string> {
  const callback = `${consoleUrl}/sign-in/callback`;
  const there = await client.follow(from, callback);
  if (there.url.startsWith(callback)) return there.url;
  const entered = await client.submit(there.url, { name });
  const back = await client.follow(new URL(entered.headers.get('location') ?? '', there.url).href, callback);
  if (back.url.startsWith(callback)) return back.url;
  // Another user is signed in at the provider, which first shows a form to end that session.
  const form = await back.response.text();
  const [action = '', xsrf = ''] = [/action="([^"]+)"/, /name="xsrf" value="([^"]+)"/].map(
    (part) => part.exec(form)?.[1],
  );
  const ended = await client.submit(new URL(action, back.url).href, { xsrf, logout: 'yes' });
  return (await client.follow(new URL(ended.headers.get('location') ?? '', back.url).href, callback)).url;
}

/** Signs in; resolves with the console's response to the callback. */
export async function signIn(client: CookieClient, consoleUrl: string, name: string, query = ''): Promise<Response> {
  return client.get(await signInAtProvider(client, consoleUrl, name, query));
}

/** The CSRF token of a page's forms. */
export async function formToken(client: CookieClient, page: string): Promise<string> {
  const html = await (await client.get(page)).text();
  return /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}
