import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Call } from './calls.ts';
import type { CallFault } from './faultMix.ts';

/** How each fault treats a call: whether it takes effect, when, and what the caller gets to see. */

interface Means {
  /** Lets the call take effect; its real answer. */
  forward(): Promise<Answer>;
  /** How long callers wait before they hang up, in milliseconds. */
  patienceMs: number;
  roll(): number;
}

/** Later than this after it came in no call takes effect; settings of the run must leave room for it. */
export const LATEST_EFFECT_MS = (patienceMs: number): number => patienceMs + 1_600;

const PAGE =
  '<!doctype html><html lang="en"><head><title>One moment</title></head><body>Checking your browser</body></html>';
const RUBBISH = '{"result":[{"nothing":"of use"}]}';

export async function injectFault(call: Call, response: ServerResponse, means: Means): Promise<void> {
  // One that nobody reads any more ends here.
  response.on('error', () => undefined);
  const strike = call.fault === null ? whole : STRIKES[call.fault];
  await strike(call, response, means);
}

type Strike = (call: Call, response: ServerResponse, means: Means) => Promise<void>;

const whole: Strike = async (call, response, { forward }) => {
  const answer = await forward();
  await new Promise<void>((resolve) => {
    response.on('close', () => resolve());
    write(response, answer.status, passedOn(answer), answer.body, () => {
      call.delivered = true;
    });
  });
};

/** An answer of our own, whatever the real server would have said. */
const instead =
  (
    status: number | readonly number[],
    type: string,
    body: string,
    more: () => Record<string, string> = () => ({}),
  ): Strike =>
  async (_call, response, { roll }) => {
    const chosen = typeof status === 'number' ? status : (status[Math.floor(roll() * status.length)] ?? 500);
    write(response, chosen, { 'content-type': type, ...more() }, Buffer.from(body));
  };

const cut: Strike = async (_call, response) => {
  response.socket?.resetAndDestroy();
};

/** The caller gives up at some time; there is nothing to do until then. */
const silence: Strike = (_call, response) => gone(response);

const after =
  (then: Strike): Strike =>
  async (call, response, means) => {
    await means.forward();
    await then(call, response, means);
  };

const errors = instead([500, 502, 503, 504], 'application/json', '{"message":"Server Error"}');
const webPage = instead(200, 'text/html; charset=utf-8', PAGE);
const rubbish = instead(200, 'application/json', RUBBISH);

const STRIKES: Record<CallFault, Strike> = {
  async slow(call, response, means) {
    await sleep(means.roll() * means.patienceMs * 0.6);
    await whole(call, response, means);
  },
  async slow_answer(call, response, means) {
    const answer = await means.forward();
    await sleep(means.roll() * means.patienceMs * 0.6);
    await whole(call, response, { ...means, forward: async () => answer });
  },
  async late_effect(_call, response, { patienceMs, roll, forward }) {
    await Promise.race([gone(response), sleep(patienceMs + 300)]);
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
  async rate_limited(call, response, means) {
    const seconds = 1 + Math.floor(means.roll() * 2);
    const wait = means.roll() < 0.5 ? String(seconds) : new Date(Date.now() + seconds * 1000).toUTCString();
    await instead(429, 'application/json', '{"ok":false,"error":"ratelimited"}', () => ({ 'retry-after': wait }))(
      call,
      response,
      means,
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

/** Headers that mean something to the caller; the rest belongs to the connection. */
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
