import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { machines } from '../../src/app/machineRegistry.ts';
import { KILL_POINTS } from './killPoints.ts';

const run = promisify(execFile);
const pg = import.meta.resolve('pg');

/** The output of a process that loads one of the files before its own script. */
async function outputOf(name: string, script: string, query = ''): Promise<string> {
  const preload = new URL(`preload/${name}.js${query}`, import.meta.url).href;
  const imports = ['--import', preload];
  const { stdout } = await run(process.execPath, [...imports, '--input-type=module', '-e', script]);
  return stdout.trim();
}

test('at each signal the clock of a process jumps an hour forward, an hour back, or to the right time', async () => {
  const script = `
    const hours = [];
    const steady = performance.timeOrigin;
    const look = () => hours.push(Math.round((Date.now() - steady) / 3_600_000), Math.round((new Date().getTime() - steady) / 3_600_000));
    look();
    // Waiting for a signal does not keep a process running.
    const alive = setInterval(() => undefined, 1_000);
    for (let n = 0; n < 3; n += 1) {
      const stepped = new Promise((resolve) => process.once('SIGUSR2', resolve));
      process.kill(process.pid, 'SIGUSR2');
      await stepped;
      look();
    }
    clearInterval(alive);
    console.log(hours.join(' '), new Date(0).toISOString(), new Date() instanceof Date);`;
  expect(await outputOf('clock', script)).toBe('0 0 1 1 -1 -1 0 0 1970-01-01T00:00:00.000Z true');
});

interface KillCase {
  when: 'before' | 'after';
  statement?: string | { name: string; text: string };
  rows?: number;
  /** It is told that it is not to die while the statement runs. */
  takenBack?: boolean;
}

/** How a process ends that gets a statement with this text answered with so many rows, while it may die at `set phase`. */
async function endAt({ when, statement = UPDATE, rows = 1, takenBack = false }: KillCase): Promise<unknown> {
  const script = `
    import pg from ${JSON.stringify(pg)};
    const client = new pg.Client();
    client._connected = true;
    client._pulseQueryQueue = () => undefined;
    const answer = () => (client._queryQueue ?? client.queryQueue)[0].callback(null, { rows: Array(${rows}).fill({}) });
    process.once('message', () => {
      client.query(${JSON.stringify(statement)}, []).then(() => process.exit(0));
      if (${takenBack}) process.once('message', answer);
      else answer();
    });
    // Waiting for messages does not keep the process running.
    setInterval(() => undefined, 1_000);
    process.send('ready');`;
  const preload = new URL('preload/killPoint.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', preload, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  child.send({ id: 1, killAt: { statement: 'set phase', when } });
  if (takenBack) child.send({ id: 2, killAt: null });
  const [code, signal] = await once(child, 'exit');
  return signal ?? code;
}

const UPDATE = 'update filings set phase = $1';

test('a process dies before a statement, or after its answer, where it was told to', async () => {
  const ends = [
    endAt({ when: 'before' }),
    endAt({ when: 'after' }),
    endAt({ when: 'after', rows: 0 }),
    endAt({ when: 'before', statement: 'select 1' }),
    endAt({ when: 'before', statement: { name: 'prepared', text: UPDATE } }),
  ];
  expect(await Promise.all(ends)).toEqual(['SIGKILL', 'SIGKILL', 0, 0, 'SIGKILL']);
}, 120_000);

test('a process does not die after an answer if that was taken back while the statement ran', async () => {
  expect(await endAt({ when: 'after', takenBack: true })).toBe(0);
}, 120_000);

test('in a control run, storing a request of a sender is answered without the database', async () => {
  const script = `
    import pg from ${JSON.stringify(pg)};
    const { rows } = await new pg.Client().query('with waiting as (…) insert into webhook_requests (…)', []);
    console.log(JSON.stringify(rows));
    process.exit(0);`;
  expect(await outputOf('early-answer', script)).toBe('[{"id":"1"}]');
}, 120_000);

test('a later release has a higher version of alerts, and asks for messages by an effect that no older one knows', async () => {
  const script = `
    const program = (name) => import(new URL(name, ${JSON.stringify(new URL('../../dist/src/', import.meta.url).href)}).href);
    const { registry } = await program('app/machineRegistry.js');
    const { createEffectHandlers } = await program('app/effectHandlers.js');
    const { initial, hydrate, persist } = await program('actors/step.js');
    const entry = registry.of('alert:monitor:1');
    const { src } = entry.machine.states.dm.states.sending.invoke[0];
    // It goes on where the release before stopped: its actor waits for the effect of that release.
    const sending = { ...persist(entry, initial(entry, 'alert:monitor:1')), children: { dm: { src: 'sendDmOfRelease1' } } };
    const { children } = hydrate(entry, sending, entry.version - 1);
    const handlers = createEffectHandlers({});
    const others = registry.all.filter(({ kind }) => kind !== 'alert').map(({ version }) => version);
    console.log(JSON.stringify([entry.version, src, Object.keys(children), Object.keys(handlers).slice(-2), others]));
    process.exit(0);`;
  const version = machines.find(({ kind }) => kind === 'alert')?.version ?? Number.NaN;
  const others = machines.filter(({ kind }) => kind !== 'alert').map((entry) => entry.version);
  const names = ['sendDmOfRelease1', 'sendDmOfRelease2'];
  const printed = [version + 2, names[1], ['dm'], names, others];
  expect(JSON.parse(await outputOf('release', script, '?release=2'))).toEqual(printed);
}, 120_000);

/** A script that prints the statement that would be sent, without a server. */
const statement = (sql: string | { name: string; text: string }) => `
    import pg from ${JSON.stringify(pg)};
    const client = new pg.Client();
    client.connection.query = undefined;
    client._connected = true;
    client._pulseQueryQueue = () => undefined;
    client.query(${JSON.stringify(sql)}, []).catch(() => undefined);
    console.log((client._queryQueue ?? client.queryQueue)[0].text);
    process.exit(0);`;

test('a control run removes exactly its own safeguard from the statements', async () => {
  const lock = 'select id from actors where id = any($1) order by id for update';
  const seen = 'insert into actor_history (…) select actor_id, rev, event_id, event, from_state from …';
  expect(await outputOf('no-lock', statement(lock))).toBe('select id from actors where id = any($1) order by id');
  expect(await outputOf('no-lock', statement(seen))).toBe(seen);
  expect(await outputOf('no-event-id', statement(lock))).toBe(lock);
  expect(await outputOf('no-event-id', statement(seen))).toBe(seen.replace('event_id', 'null'));
  const prepared = { name: 'prepared', text: seen };
  expect(await outputOf('no-event-id', statement(prepared))).toBe(seen.replace('event_id', 'null'));
}, 120_000);

test('the program has the statements that control runs change, and those at which a process may die', async () => {
  const folder = new URL('../../src/', import.meta.url);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  const isSomewhere = (text: string) => sources.some((source) => source.includes(text));
  expect(isSomewhere('} order by id for update`')).toBe(true);
  expect(isSomewhere('on h.actor_id = x.actor_id and h.event_id = x.event_id')).toBe(true);
  expect(isSomewhere('select actor_id, rev, event_id, event, from_state')).toBe(true);
  expect(isSomewhere('insert into webhook_requests (')).toBe(true);
  expect(Object.values(KILL_POINTS).filter(({ statement }) => !isSomewhere(statement))).toEqual([]);
});
