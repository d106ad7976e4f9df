import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const typescript = new URL('../support/typescript.mjs', import.meta.url).href;
const preload = new URL('../../src/faults/preload.ts', import.meta.url).href;
const pg = import.meta.resolve('pg');

async function said(query: string, script: string): Promise<string> {
  const { stdout } = await run(process.execPath, [
    '--import',
    typescript,
    '--import',
    preload + query,
    '--input-type=module',
    '-e',
    script,
  ]);
  return stdout.trim();
}

test('the clock of a process steps an hour forward, an hour back and right again at a signal', async () => {
  const script = `
    const hours = [];
    const steady = performance.timeOrigin;
    const look = () => hours.push(Math.round((Date.now() - steady) / 3_600_000), Math.round((new Date().getTime() - steady) / 3_600_000));
    look();
    for (let n = 0; n < 3; n += 1) {
      process.kill(process.pid, 'SIGUSR2');
      await new Promise((resolve) => setTimeout(resolve, 50));
      look();
    }
    console.log(hours.join(' '), new Date(0).toISOString(), new Date() instanceof Date);`;
  expect(await said('', script)).toBe('0 0 1 1 -1 -1 0 0 1970-01-01T00:00:00.000Z true');
});

/** Stands in for a server: the statement that would be sent is all that matters. */
const statement = (sql: string) => `
    import pg from ${JSON.stringify(pg)};
    const client = new pg.Client();
    client.connection.query = undefined;
    client._connected = true;
    client._pulseQueryQueue = () => undefined;
    client.query(${JSON.stringify(sql)}, []).catch(() => undefined);
    console.log((client._queryQueue ?? client.queryQueue)[0].text);
    process.exit(0);`;

test('a control run takes exactly its safeguard out of the statements', async () => {
  const lock = 'select id from actors where id = any($1) order by id for update';
  expect(await said('?control=no-lock', statement(lock))).toBe('select id from actors where id = any($1) order by id');
  expect(await said('?control=no-event-id', statement(lock))).toBe(lock);
  expect(await said('', statement(lock))).toBe(lock);
});

test('a control run that nobody knows does not start', async () => {
  await expect(said('?control=no-sense', '')).rejects.toThrow('there is no control run');
});
