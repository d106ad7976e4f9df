import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { createHealthServer } from '../../src/http/server.ts';
import { sendRaw } from '../support/sendRaw.ts';
import { PRODUCTION } from '../support/settings.ts';
import { fakeConsoleApi } from './fakeConsoleApi.ts';
import { SIGN_IN, start } from './support.ts';

const TARGETS = [
  'http://xn--a/',
  'http://[/',
  'http://[a%b]/',
  '//a@[b/#',
  '//a@xn--a/?fragment#',
  '*',
  'http://evil/console/status',
  'http://127.0.0.1/metrics',
];
type Services = Pick<ConsoleApi, 'countRequest'>;

const apps: [string, (services: Services) => Promise<string>][] = [
  ['the console', async (services) => (await start({ services })).url],
  ['a console with sign-in', async (services) => (await start({ env: SIGN_IN, services })).url],
  ['a process without a console', startHealth],
];

async function startHealth(services: Services): Promise<string> {
  const config = { ...readConfig(PRODUCTION), host: '127.0.0.1', port: 0 };
  const server = createHealthServer(config, fakeConsoleApi(services).services, pino({ level: 'silent' }));
  onTestFinished(() => server.close());
  return (await server.listen()).url;
}

it.each(apps)('%s answers 400 to a target that is not a path, and goes on', async (_, startApp) => {
  const uncaught = vi.fn();
  process.on('uncaughtException', uncaught);
  onTestFinished(() => void process.off('uncaughtException', uncaught));
  const answered: [string | null, number][] = [];
  const url = await startApp({ countRequest: ({ route, status }) => void answered.push([route, status]) });
  for (const accept of ['application/json', 'text/html']) {
    for (const target of TARGETS) {
      const head = [`GET ${target} HTTP/1.1`, 'Host: localhost', `Accept: ${accept}`, 'Connection: close'];
      const answer = await sendRaw(url, `${head.join('\r\n')}\r\n\r\n`);
      expect([target, answer.split('\r\n', 1)[0]]).toEqual([target, 'HTTP/1.1 400 Bad Request']);
      expect(answer).toContain('must be a path');
    }
  }
  // Requests are counted when they have ended, which is where nobody would catch an error.
  const requests = 2 * TARGETS.length;
  await expect.poll(() => answered).toEqual(Array.from({ length: requests }, () => [null, 400]));
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(uncaught).not.toHaveBeenCalled();
});

it('the log has the path of a request as it arrived, and none where the target is not a path', async () => {
  const app = await start({ logLevel: 'debug' });
  const paths = () => [...app.log().matchAll(/"path":("[^"]*"|null)/g)].map(([, path]) => path);
  await app.get('/console/status?x=1');
  // A request is logged when it has ended, which may be after its answer was read.
  await expect.poll(paths).toEqual(['"/console/status"']);
  await sendRaw(app.url, 'GET http://[/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await expect.poll(paths).toEqual(['"/console/status"', 'null']);
});
