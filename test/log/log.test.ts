import axios, { AxiosError } from 'axios';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';

const KEY = '9f3c2a71d0b84e6690aa51b7c3f1e2d4';

function logged(secrets: string[] = [], level = 'debug') {
  const text: string[] = [];
  const log = createLog({ level, secrets, destination: { write: (line) => text.push(line) } });
  return { log, text: () => text.join(''), lines: () => text.map((line) => JSON.parse(line)) };
}

/** The error of a real HTTP client, with the whole request and its headers attached. */
async function refused(): Promise<AxiosError> {
  const request = axios.get('http://help.invalid/api/mailboxes', {
    headers: { Authorization: `Bearer ${KEY}`, 'X-FreeScout-API-Key': KEY },
    adapter: (config) => {
      const response = { status: 401, statusText: 'Unauthorized', data: { echo: KEY }, headers: {}, config };
      return Promise.reject(
        new AxiosError('Request failed with status code 401', 'ERR_BAD_REQUEST', config, {}, response),
      );
    },
  });
  return request.then(
    () => expect.unreachable(),
    (error) => error,
  );
}

describe('a line', () => {
  it.each([
    ['debug', 'DEBUG'],
    ['info', 'INFO'],
    ['warn', 'WARNING'],
    ['error', 'ERROR'],
    ['fatal', 'ERROR'],
  ] as const)('of %s says %s', (level, name) => {
    const { log, lines } = logged();
    log[level]('said');
    expect(lines()).toMatchObject([{ level: name, msg: 'said' }]);
  });

  it('is one line of JSON with the time in ISO form and without the name of the machine', () => {
    const { log, text, lines } = logged();
    log.info({ surface_id: 'api-prod' }, 'two\nlines');
    expect(text()).toMatch(/^[^\n]+\n$/);
    expect(lines()[0]).toEqual({
      level: 'INFO',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      pid: process.pid,
      surface_id: 'api-prod',
      msg: 'two\nlines',
    });
  });

  it('shows characters that reorder or hide text, or that a terminal obeys, as escapes', () => {
    const { log, text, lines } = logged();
    log.info({ title: 'gpj\u202e.exe \u009b2J' }, 'zero\u200bwidth \u{e0041}\u007f');
    expect(text()).not.toMatch(/[\u007f-\u009f\u200b\u202e\u{e0041}]/u);
    expect(lines()[0]).toMatchObject({ title: 'gpj\u202e.exe \u009b2J', msg: 'zero\u200bwidth \u{e0041}\u007f' });
  });

  it('a line below the level is not written', () => {
    const { log, text } = logged([], 'warn');
    log.info('unheard');
    expect(text()).toBe('');
  });

  it('a line of a child names its part', () => {
    const { log, lines } = logged();
    log.child({ part: 'poller' }).info('said');
    expect(lines()).toMatchObject([{ part: 'poller', msg: 'said' }]);
  });
});

describe('a secret', () => {
  it('is hidden by the name of its field at any depth, and the other fields stay', () => {
    const { log, text, lines } = logged();
    const request = { method: 'GET', headers: { authorization: KEY, Cookie: KEY, 'X-FreeScout-API-Key': KEY } };
    log.info({ calls: [{ request }], apiKey: KEY, ingest_tokens: [KEY], alert_key: 'grafana:abc' }, 'said');
    expect(text()).not.toContain(KEY);
    expect(lines()[0]).toMatchObject({ calls: [{ request: { method: 'GET' } }], alert_key: 'grafana:abc' });
  });

  it('is hidden in what a child is bound to', async () => {
    const { log, text } = logged();
    log.child({ token: KEY, err: await refused() }).info('said');
    expect(text()).not.toContain(KEY);
    expect(text()).toContain('ERR_BAD_REQUEST');
  });

  it('that is known is replaced in every text, also where JSON escapes it', () => {
    const { log, text } = logged([KEY, 'a "quoted" secret']);
    log.info({ note: `the key ${KEY}` }, 'a "quoted" secret in the message');
    log.error(new Error(`no such key: ${KEY}`));
    expect(text()).not.toContain(KEY);
    expect(text()).not.toContain('quoted');
    expect(text().match(/\[hidden\]/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('that is unknown is replaced after the word Bearer', () => {
    const { log, text } = logged();
    log.info(`sent Bearer ${KEY}.`);
    expect(text()).toContain('sent Bearer [hidden]');
    expect(text()).not.toContain(KEY);
  });

  it('in the query of a URL is left out', () => {
    const { log, text, lines } = logged();
    log.info({ url: new URL(`https://me:${KEY}@help.example.com/api?api_key=${KEY}`) }, 'said');
    expect(text()).not.toContain(KEY);
    expect(lines()[0].url).toBe('https://help.example.com/api');
  });

  it('that is too short is only hidden by the name of its field', () => {
    const { log, lines } = logged(['secret']);
    log.info({ password: 'secret' }, 'no secret');
    expect(lines()).toMatchObject([{ password: '[hidden]', msg: 'no secret' }]);
  });
});

describe('an error', () => {
  it('of the HTTP client keeps message, code, status and stack, but not the request', async () => {
    const error = await refused();
    expect(JSON.stringify(error.config)).toContain(KEY);
    const { log, text, lines } = logged();
    log.warn({ err: error }, 'call failed');
    log.warn({ attempt: { error } }, 'call failed');
    log.warn(error);
    log.warn({ err: new Error('could not file', { cause: error }) }, 'call failed');
    expect(text()).not.toContain(KEY);
    expect(text()).not.toMatch(/headers|"config"|"request"/);
    expect(lines()[0].err).toEqual({
      type: 'AxiosError',
      message: 'Request failed with status code 401',
      code: 'ERR_BAD_REQUEST',
      status: 401,
      stack: expect.stringContaining('AxiosError'),
    });
    expect(lines()[3].err.cause).toMatchObject({ code: 'ERR_BAD_REQUEST', status: 401 });
  });

  it('of a host with several addresses shows the error of each address', () => {
    const { log, lines } = logged();
    const parts = ['::1', '127.0.0.1'].map((host) => Object.assign(new Error(host), { code: 'ECONNREFUSED' }));
    log.warn({ err: new AggregateError(parts) }, 'call failed');
    expect(lines()[0].err.errors).toMatchObject([{ message: '::1', code: 'ECONNREFUSED' }, { message: '127.0.0.1' }]);
  });

  it('that is its own cause does not block the log', () => {
    const { log, lines } = logged();
    const error: Error = new Error('round and round');
    error.cause = error;
    log.error({ err: error });
    expect(lines()).toHaveLength(1);
  });
});

it('deeply nested fields are cut off and bytes are left out', () => {
  const { log, text, lines } = logged();
  const circle: Record<string, unknown> = { bytes: Buffer.from(KEY) };
  circle.circle = circle;
  log.info({ circle, count: 3n, at: new Date(0), tags: new Set(['a']), of: new Map([['b', 1]]) }, 'said');
  expect(text()).toContain('[deeper]');
  expect(lines()[0]).toMatchObject({
    circle: { bytes: `[${KEY.length} bytes]` },
    count: '3',
    at: '1970-01-01T00:00:00.000Z',
    tags: ['a'],
    of: { b: 1 },
  });
});
