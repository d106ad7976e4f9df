import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultSpec } from '../../src/sandbox/faultSwitches.ts';
import {
  auditAbout,
  type Environment,
  filed,
  POSTS,
  type Process,
  postsAbout,
  reportChecks,
  startClickEnvironment,
  TAGGING,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';

/** The ticket exists, but its tags are not set yet. */

let environment: Environment;
let one: Process;
beforeAll(async () => {
  environment = await startClickEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());
afterEach(() => {
  environment.desk.control.faults.clear();
  environment.desk.control.switches.set('tags_module', true);
});

const breaks = (fault: FaultSpec) => environment.desk.control.faults.add(fault);
const tagsOf = (id: string) => ticketsAbout(environment, id)[0]?.tags.toSorted();
/** FreeScout replaces all tags of a ticket, so a tag that is added between our read and our write is lost. */
async function nextTagging() {
  const { length } = environment.desk.state.requests;
  await eventually(() =>
    expect(environment.desk.state.requests.slice(length)).toContainEqual(
      expect.objectContaining({ method: 'PUT', url: expect.stringMatching(TAGGING.path) }),
    ),
  );
}
const both = (id: string) => ['auto:status', `auto:status:${id}`];

async function clickOn(id: string) {
  await reportChecks(one, id, 'up', 'down');
  return filed(one.investigate(id, 'olga'));
}

test.each([
  ['fails once', { kind: 'status', status: 500 }],
  ['holds, though its answer got lost', { kind: 'status_after', status: 500 }],
  ['is answered and not kept', { kind: 'status', status: 204 }],
] satisfies [string, FaultSpec][])('tagging that %s is repeated before the answer', async (what, fault) => {
  const id = what.replaceAll(/\W+/g, '-');
  breaks({ ...fault, ...TAGGING, times: 1 });
  await clickOn(id);
  expect(tagsOf(id)).toStrictEqual(both(id));
  expect(await auditAbout(environment, id)).toHaveLength(1);
});

test('tagging that keeps failing is answered as filed, retried in the background, and audited once', async () => {
  breaks({ kind: 'status', status: 500, ...TAGGING });
  const { ticket_id, idempotent } = await clickOn('stubborn');
  expect(idempotent).toBe(false);
  expect(tagsOf('stubborn')).toStrictEqual([]);
  expect(await auditAbout(environment, 'stubborn')).toHaveLength(1);
  environment.desk.control.act(ticket_id, 'add-tag', { tag: 'postmortem' });
  await nextTagging();
  environment.desk.control.faults.clear();
  await eventually(() => expect(tagsOf('stubborn')).toStrictEqual([...both('stubborn'), 'postmortem']));
  expect(await auditAbout(environment, 'stubborn')).toHaveLength(1);
  expect(postsAbout(environment, 'stubborn')).toBe(1);
});

test('the next click finds a ticket whose tags are not set yet', async () => {
  breaks({ kind: 'status', status: 500, ...TAGGING });
  const { ticket_id } = await clickOn('untagged');
  expect(await filed(one.investigate('untagged', 'sam'))).toMatchObject({ ticket_id, idempotent: true });
  expect(postsAbout(environment, 'untagged')).toBe(1);
});

test('tagging is retried while the Tags module is switched off', async () => {
  // It is switched off between the request for the ticket and that for its tags.
  breaks({ kind: 'delay', delay_ms: 700, times: 1, ...POSTS });
  const clicked = clickOn('module');
  await eventually(() => expect(environment.desk.control.faults.list()).toHaveLength(0));
  environment.desk.control.switches.set('tags_module', false);
  await clicked;
  expect(tagsOf('module')).toStrictEqual([]);
  environment.desk.control.switches.set('tags_module', true);
  await eventually(() => expect(tagsOf('module')).toStrictEqual(both('module')));
});

test('a ticket that a person deletes before it is tagged is given up and audited', async () => {
  breaks({ kind: 'status', status: 500, ...TAGGING });
  const { ticket_id } = await clickOn('dropped');
  environment.desk.control.act(ticket_id, 'delete');
  environment.desk.control.faults.clear();
  await eventually(async () =>
    expect(await environment.audit('console.status.tag_dropped')).toMatchObject([
      { payload: { surface_id: 'dropped', ticket_id, reason: 'ticket is gone' } },
    ]),
  );
});
