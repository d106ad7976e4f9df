/** A browser as far as cookies and redirects go. */
export interface CookieClient {
  /** One request, following nothing; `cookies` of that host are sent along and kept. */
  request(url: string, init?: RequestInit): Promise<Response>;
  get(url: string, headers?: Record<string, string>): Promise<Response>;
  /** Sends a form as a page of that host would. */
  submit(url: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Follows redirects until there are no more, or one leads to what `stop` names; answers that address too. */
  follow(url: string, stop?: string): Promise<{ response: Response; url: string }>;
  cookie(url: string, name: string): string | undefined;
  setCookie(url: string, name: string, value: string): void;
  /** Another one with the same cookies. */
  copy(): CookieClient;
}

const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const MOST_REDIRECTS = 15;

export function createCookieClient(held: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map()): CookieClient {
  const jars = new Map([...held].map(([host, jar]) => [host, new Map(jar)]));
  const jarOf = (url: string): Map<string, string> => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };

  async function request(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = jarOf(url);
    const headers = new Headers(init.headers);
    const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (cookies !== '' && !headers.has('cookie')) headers.set('cookie', cookies);
    const response = await fetch(url, { redirect: 'manual', ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }
  const get = (url: string, headers: Record<string, string> = {}) => request(url, { headers: { ...PAGE, ...headers } });

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
      for (let n = 0; n < MOST_REDIRECTS; n += 1) {
        const response = await get(url);
        const location = response.headers.get('location');
        if (location === null) return { response, url };
        url = new URL(location, url).href;
        if (stop !== undefined && url.startsWith(stop)) return { response, url };
      }
      throw new Error(`there is no end to the redirects from ${from}`);
    },
    cookie: (url, name) => jarOf(url).get(name),
    setCookie: (url, name, value) => void jarOf(url).set(name, value),
    copy: () => createCookieClient(jars),
  };
}

export const SESSION = 'console_session';

/** Goes to the provider, says who it is, and comes back up to the callback, which is not asked for yet. */
export async function signInAtProvider(
  visitor: CookieClient,
  consoleUrl: string,
  name: string,
  query = '',
): Promise<string> {
  const callback = `${consoleUrl}/sign-in/callback`;
  const there = await visitor.follow(`${consoleUrl}/sign-in/start${query}`, callback);
  if (there.url.startsWith(callback)) return there.url;
  const said = await visitor.submit(there.url, { name });
  const back = await visitor.follow(new URL(said.headers.get('location') ?? '', there.url).href, callback);
  if (back.url.startsWith(callback)) return back.url;
  // Somebody else was known there until now: their session has to end first, by a form that sends itself.
  const form = await back.response.text();
  const [action = '', xsrf = ''] = [/action="([^"]+)"/, /name="xsrf" value="([^"]+)"/].map(
    (part) => part.exec(form)?.[1],
  );
  const ended = await visitor.submit(new URL(action, back.url).href, { xsrf, logout: 'yes' });
  return (await visitor.follow(new URL(ended.headers.get('location') ?? '', back.url).href, callback)).url;
}

/** Signs in, and answers what the console said to it. */
export async function signIn(visitor: CookieClient, consoleUrl: string, name: string, query = ''): Promise<Response> {
  return visitor.get(await signInAtProvider(visitor, consoleUrl, name, query));
}

/** The token in the forms of a page. */
export async function formToken(visitor: CookieClient, page: string): Promise<string> {
  const html = await (await visitor.get(page)).text();
  return /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}
