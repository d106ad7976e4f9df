import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageVersion } from '../../src/lib/packageVersion.ts';
import { startTestCluster, type TestCluster } from '../support/db.ts';
import { type Program, startProgram } from '../support/startProgram.ts';

/** A worker in production with only the settings that it uses, whose database goes away and comes back. */

let cluster: TestCluster;
let worker: Program;
const env = () => ({
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://console.example.com',
  HOST: '127.0.0.1',
  DATABASE_URL: cluster.url,
  LOG_LEVEL: 'debug',
});

beforeAll(async () => {
  cluster = await startTestCluster();
  worker = await startProgram(['worker'], env());
});
afterAll(async () => {
  await worker.kill();
  await cluster.drop();
});

const logged = () => worker.lines.map((line) => JSON.parse(line) as { level: string; msg: string; version?: string });
const warnings = () => logged().filter(({ level }) => level === 'WARNING' || level === 'ERROR');
const databaseUp = async () => {
  const response = await worker.get('/metrics');
  return [response.status, /^auto_ticketing_database_up (\d)$/m.exec(await response.text())?.[1]];
};

it('a worker starts without the settings of sign-in, and reports its version', async () => {
  expect(logged().find(({ msg }) => msg === 'started')?.version).toBe(packageVersion());
  expect(await (await worker.get('/healthz')).json()).toEqual({ status: 'ok', version: packageVersion() });
  expect(await databaseUp()).toEqual([200, '1']);
});

it('a lost database is one line at its start and one at its end, and metrics say that it is away', async () => {
  const before = warnings().length;
  await cluster.stop();
  await expect.poll(databaseUp).toEqual([200, '0']);
  const failures = () => logged().filter((line) => line.level === 'DEBUG' && 'err' in line).length;
  const failuresAtFirst = failures();
  await expect.poll(() => failures() - failuresAtFirst).toBeGreaterThan(20);
  await cluster.start();
  await expect.poll(() => logged().some(({ msg }) => msg === 'database reachable again')).toBe(true);
  await expect.poll(databaseUp).toEqual([200, '1']);
  const messages = warnings()
    .slice(before)
    .map(({ msg }) => msg)
    .filter((msg) => msg !== 'database still unreachable');
  expect(messages).toEqual(['database unreachable; work continues once it is back']);
});

it('a port that is taken is named in a sentence that says what to do', async () => {
  const { port } = new URL(worker.url);
  await expect(startProgram(['worker'], { ...env(), PORT: port })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is in use: stop the other program, or set PORT to another port.`,
  );
});
