import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Call } from './calls.ts';
import type { CallFault } from './faultMix.ts';

/** What each fault does to a call: whether and when it takes effect, and which response the caller gets. */

interface Tools {
  /** Lets the call take effect; resolves with the real response. */
  forward(): Promise<Answer>;
  /** The timeout of callers in milliseconds. */
  callerTimeoutMs: number;
  roll(): number;
}

/** No call takes effect later than this after its arrival. The settings of the run must leave room for it. */
export const LATEST_EFFECT_MS = (callerTimeoutMs: number): number => callerTimeoutMs + 1_600;

const PAGE =
  '<!doctype html><html lang="en"><head><title>One moment</title></head><body>Checking your browser</body></html>';
const RUBBISH = '{"result":[{"nothing":"of use"}]}';

export async function injectFault(call: Call, response: ServerResponse, tools: Tools): Promise<void> {
  // Writing to a caller that has hung up is not an error here.
  response.on('error', () => undefined);
  const inject = call.fault === null ? whole : INJECTORS[call.fault];
  await inject(call, response, tools);
}

type Injector = (call: Call, response: ServerResponse, tools: Tools) => Promise<void>;

const whole: Injector = async (call, response, { forward }) => {
  const answer = await forward();
  await new Promise<void>((resolve) => {
    response.on('close', () => resolve());
    write(response, answer.status, passedOn(answer), answer.body, () => {
      call.delivered = true;
    });
  });
};

/** A fixed response instead of the real one. */
const instead =
  (
    status: number | readonly number[],
    type: string,
    body: string,
    more: () => Record<string, string> = () => ({}),
  ): Injector =>
  async (_call, response, { roll }) => {
    const chosen = typeof status === 'number' ? status : (status[Math.floor(roll() * status.length)] ?? 500);
    write(response, chosen, { 'content-type': type, ...more() }, Buffer.from(body));
  };

const cut: Injector = async (_call, response) => {
  response.socket?.resetAndDestroy();
};

/** No response; ends when the caller gives up. */
const silence: Injector = (_call, response) => gone(response);

const after =
  (then: Injector): Injector =>
  async (call, response, tools) => {
    await tools.forward();
    await then(call, response, tools);
  };

const errors = instead([500, 502, 503, 504], 'application/json', '{"message":"Server Error"}');
const webPage = instead(200, 'text/html; charset=utf-8', PAGE);
const rubbish = instead(200, 'application/json', RUBBISH);

const INJECTORS: Record<CallFault, Injector> = {
  async slow(call, response, tools) {
    await sleep(tools.roll() * tools.callerTimeoutMs * 0.6);
    await whole(call, response, tools);
  },
  async slow_answer(call, response, tools) {
    const answer = await tools.forward();
    await sleep(tools.roll() * tools.callerTimeoutMs * 0.6);
    await whole(call, response, { ...tools, forward: async () => answer });
  },
  async late_effect(_call, response, { callerTimeoutMs, roll, forward }) {
    await Promise.race([gone(response), sleep(callerTimeoutMs + 300)]);
    await sleep(50 + roll() * 1_200);
    await forward();
    response.destroy();
  },
  error_before: errors,
  error_after: after(errors),
  reset_before: cut,
  reset_after: after(cut),
  hang_before: silence,
  hang_after: after(silence),
  async half(_call, response, { forward }) {
    const answer = await forward();
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'content-length': Math.max(2, answer.body.length),
    });
    response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => response.destroy());
  },
  html_before: webPage,
  html_after: after(webPage),
  rubbish_before: rubbish,
  rubbish_after: after(rubbish),
  async broken_json(_call, response, { forward }) {
    const answer = await forward();
    write(response, answer.status, passedOn(answer), answer.body.subarray(0, Math.ceil(answer.body.length / 2)));
  },
  redirect: instead(302, 'text/html; charset=utf-8', '', () => ({ location: '/login' })),
  async rate_limited(call, response, tools) {
    const seconds = 1 + Math.floor(tools.roll() * 2);
    const wait = tools.roll() < 0.5 ? String(seconds) : new Date(Date.now() + seconds * 1000).toUTCString();
    await instead(429, 'application/json', '{"ok":false,"error":"ratelimited"}', () => ({ 'retry-after': wait }))(
      call,
      response,
      tools,
    );
  },
};

function write(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Buffer,
  written?: () => void,
): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body, written);
}

/** The headers that the caller needs; the others belong to the connection. */
function passedOn({ headers }: Answer): Record<string, string> {
  const names = ['content-type', 'resource-id', 'location', 'retry-after', 'cache-control'];
  return Object.fromEntries(
    names.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name] as string]] : [])),
  );
}

function gone(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed || response.socket === null || response.socket.destroyed) resolve();
    else response.once('close', () => resolve());
  });
}
