import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultSpec } from '../../src/sandbox/faultSwitches.ts';
import {
  auditAbout,
  type Environment,
  filed,
  type Process,
  postsAbout,
  reportChecks,
  startClickEnvironment,
  TAGGING,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';

/** The ticket stands, and its tags do not hold yet. */

let house: Environment;
let one: Process;
beforeAll(async () => {
  house = await startClickEnvironment();
  one = house.process();
});
afterAll(() => house.close());
afterEach(() => {
  house.desk.control.faults.clear();
  house.desk.control.switches.set('tags_module', true);
});

const breaks = (fault: FaultSpec) => house.desk.control.faults.add(fault);
const tagsOf = (id: string) => ticketsAbout(house, id)[0]?.tags.toSorted();
/** FreeScout replaces all tags of a ticket, so a tag that comes between our reading and our writing is lost: nobody could keep it. */
async function nextTagging() {
  const { length } = house.desk.state.requests;
  await eventually(() =>
    expect(house.desk.state.requests.slice(length)).toContainEqual(
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
  expect(await auditAbout(house, id)).toHaveLength(1);
});

test('tagging that goes on failing is answered as filed, goes on in the background until it holds, and audits once', async () => {
  breaks({ kind: 'status', status: 500, ...TAGGING });
  const { ticket_id, idempotent } = await clickOn('stubborn');
  expect(idempotent).toBe(false);
  expect(tagsOf('stubborn')).toStrictEqual([]);
  expect(await auditAbout(house, 'stubborn')).toHaveLength(1);
  house.desk.control.act(ticket_id, 'add-tag', { tag: 'postmortem' });
  await nextTagging();
  house.desk.control.faults.clear();
  await eventually(() => expect(tagsOf('stubborn')).toStrictEqual([...both('stubborn'), 'postmortem']));
  expect(await auditAbout(house, 'stubborn')).toHaveLength(1);
  expect(postsAbout(house, 'stubborn')).toBe(1);
});

test('a ticket whose tags do not hold yet is known to the next click all the same', async () => {
  breaks({ kind: 'status', status: 500, ...TAGGING });
  const { ticket_id } = await clickOn('untagged');
  expect(await filed(one.investigate('untagged', 'sam'))).toMatchObject({ ticket_id, idempotent: true });
  expect(postsAbout(house, 'untagged')).toBe(1);
});

test('the Tags module switched off between creating and tagging is waited for', async () => {
  // The check of the module, made for the first click of a new process, holds for a few seconds.
  await one.stop();
  one = house.process();
  await clickOn('before');
  house.desk.control.act(ticketsAbout(house, 'before')[0]?.id ?? 0, 'status', { status: 'closed' });
  for (const { id, status } of house.desk.state.tickets) {
    if (status === 'active') house.desk.control.act(id, 'status', { status: 'closed' });
  }
  house.desk.control.switches.set('tags_module', false);
  await clickOn('module');
  expect(tagsOf('module')).toStrictEqual([]);
  house.desk.control.switches.set('tags_module', true);
  await eventually(() => expect(tagsOf('module')).toStrictEqual(both('module')));
});

test('a ticket that a person deletes before its tags hold is let go, and that is audited', async () => {
  breaks({ kind: 'status', status: 500, ...TAGGING });
  const { ticket_id } = await clickOn('dropped');
  house.desk.control.act(ticket_id, 'delete');
  house.desk.control.faults.clear();
  await eventually(async () =>
    expect(await house.audit('console.status.tag_dropped')).toMatchObject([
      { payload: { surface_id: 'dropped', ticket_id, reason: 'ticket is gone' } },
    ]),
  );
});
