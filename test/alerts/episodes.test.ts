import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { HelpDesk } from '../../src/tickets/port.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startProcess } from '../support/startProcess.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment({ FLAP_MAX_EPISODES: '2', FLAP_WINDOW_MINUTES: '10' });
  one = environment.process();
});
afterAll(() => environment.close());

const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const headlines = (id: string) =>
  environment.slack.state.messages
    .filter(({ text }) => text.includes(`Trouble with ${id}`))
    .map(({ text }) => text.split('\n')[0]);
const state = async (id: string) =>
  (
    await environment.pool.query("select snapshot->'context' as context from actors where id = $1", [
      `alert:monitor:${id}`,
    ])
  ).rows[0]?.context;

describe('an alert that resolves and fires again', () => {
  it('is a new episode with a new ticket, and a message of its own', async () => {
    await one.fire('again');
    await environment.settled();
    await one.resolve('again');
    await environment.settled();
    await one.fire('again');
    await environment.settled();
    expect(tickets('again')).toHaveLength(2);
    expect(environment.openings().filter(({ text }) => text.includes('Trouble with again'))).toHaveLength(2);
    const audited = await environment.audit('console.alerts.ticket_filed');
    expect(audited.filter(({ payload }) => payload.alert_key === 'monitor:again')).toHaveLength(2);
    expect(await state('again')).toMatchObject({ episode: 2, active: true, ticket: { id: tickets('again')[1]?.id } });
  });

  it('gets only the ticket of its second episode when the first was not filed in time', async () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    // FreeScout does not answer before the first episode is over, however long that takes.
    const slow = (desk: HelpDesk): HelpDesk => ({
      ...desk,
      preflight: (options) => opened.then(() => desk.preflight(options)),
    });
    const fresh = startProcess(environment.config, environment.url, environment.lines, slow);
    onTestFinished(() => fresh.stop());
    await one.stop();
    await fresh.fire('quick');
    await fresh.resolve('quick');
    await fresh.fire('quick', { title: 'Trouble with quick, second' });
    open();
    await environment.settled();
    expect(tickets('quick')).toHaveLength(0);
    expect(environment.tickets().filter(({ subject }) => subject.endsWith('Trouble with quick, second'))).toHaveLength(
      1,
    );
    one = environment.process();
  });
});

describe('an alert that flaps', () => {
  /** More episodes than a window may have. */
  const flap = async (id: string) => {
    for (const _ of [1, 2]) {
      await one.fire(id);
      await environment.settled();
      await one.resolve(id);
      await environment.settled();
    }
    const answer = await one.fire(id);
    await environment.settled();
    return answer.alerts[0];
  };

  it('stays one episode once it began too often, shown as flapping, with no further ticket', async () => {
    expect(await flap('flappy')).toEqual({ alert_key: 'monitor:flappy', state: 'flapping' });
    expect(tickets('flappy')).toHaveLength(2);
    expect(await state('flappy')).toMatchObject({
      episode: 2,
      flapping: true,
      active: true,
      ticket: { id: tickets('flappy')[1]?.id },
    });
    expect(headlines('flappy').filter((text) => text?.includes('Flapping'))).toHaveLength(1);
  });

  it('sends no message for each further change', async () => {
    await flap('restless');
    const sent = () => ({
      messages: headlines('restless').length,
      notes: environment.notes(tickets('restless')[1]?.id).length,
    });
    const before = sent();
    for (const _ of [1, 2, 3]) {
      await one.resolve('restless');
      await one.fire('restless');
    }
    await environment.settled();
    expect(tickets('restless')).toHaveLength(2);
    expect(sent()).toEqual(before);
  });

  it('resolves after a whole quiet window', async () => {
    await flap('calms-down');
    await one.resolve('calms-down');
    expect(await state('calms-down')).toMatchObject({ active: true, flapping: true });
    await environment.hurry('timer:alert:monitor:calms-down:%');
    await eventually(async () => expect(await state('calms-down')).toMatchObject({ active: false, flapping: false }));
    await environment.settled();
    expect(environment.notes(tickets('calms-down')[1]?.id).at(-1)).toContain('quiet after flapping');
  });

  it('has a new episode again when episodes are further apart', async () => {
    await flap('apart');
    await one.resolve('apart');
    await environment.hurry('timer:alert:monitor:apart:%');
    await eventually(async () => expect(await state('apart')).toMatchObject({ active: false }));
    await environment.pool.query(
      `update actors set snapshot = jsonb_set(snapshot, '{context,starts}', '["2026-01-01T00:00:00.000Z"]') where id = 'alert:monitor:apart'`,
    );
    const answer = await one.fire('apart');
    await environment.settled();
    expect(answer.alerts[0]?.state).toBe('firing');
    expect(tickets('apart')).toHaveLength(3);
  });

  it('counts episodes and the quiet window through restarts', async () => {
    const restarted = async () => {
      await one.stop();
      one = environment.process();
    };
    for (const _ of [1, 2]) {
      await one.fire('through-restarts');
      await one.resolve('through-restarts');
      await environment.settled();
      await restarted();
    }
    const answer = await one.fire('through-restarts');
    expect(answer.alerts[0]?.state).toBe('flapping');
    await one.resolve('through-restarts');
    await restarted();
    expect(await state('through-restarts')).toMatchObject({ active: true, flapping: true, episode: 2 });
    await environment.hurry('timer:alert:monitor:through-restarts:%');
    await eventually(async () =>
      expect(await state('through-restarts')).toMatchObject({ active: false, flapping: false }),
    );
  });
});
