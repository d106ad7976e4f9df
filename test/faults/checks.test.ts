import { expect, test } from 'vitest';
import { checkClicks } from './check/clicks.ts';
import { checkEvents } from './check/episodes.ts';
import { checkMessages } from './check/messages.ts';
import { checkProgram } from './check/program.ts';
import { checkTickets } from './check/tickets.ts';
import type { ViolationKind } from './check/verdict.ts';
import type { FinalState } from './finalState.ts';
import type { Complaint } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import { soundRun } from './samples.ts';

type Run = ReturnType<typeof soundRun> & { complaints: Complaint[] };

function kinds({ facts, ledger, complaints }: Run): ViolationKind[] {
  const all = [
    ...checkEvents(facts, ledger),
    ...checkTickets(facts, ledger).violations,
    ...checkClicks(facts, ledger).violations,
    ...checkMessages(facts, ledger).violations,
    ...checkProgram(facts, ledger, complaints, 'parked'),
  ];
  return all.map(({ kind }) => kind);
}

/** The violations of a sound run after this change. */
function after(change: (facts: FinalState, ledger: Ledger, complaints: Complaint[]) => void): ViolationKind[] {
  const run: Run = { ...soundRun(), complaints: [] };
  change(run.facts, run.ledger, run.complaints);
  return kinds(run);
}

const KEY = 'alpha:00000112345678ab';
const twin = {
  ticketId: 9,
  marker: 'AT-AAAAAAAAAA',
  subject: '[AT-AAAAAAAAAA] P1: Fault 1/1',
  receivedAt: 2_500,
  effectAt: 2_510,
};

test('a sound run has no violation, and its counts add up', () => {
  const { facts, ledger } = soundRun();
  expect(after(() => undefined)).toEqual([]);
  expect(checkTickets(facts, ledger).counts).toMatchObject({
    episodes: 2,
    expected: 2,
    found: 2,
    auditExpected: 2,
    auditFound: 2,
  });
  expect(checkClicks(facts, ledger).counts).toMatchObject({ clicks: 2, withTicket: 2, tickets: 1, auditRows: 2 });
  expect(checkMessages(facts, ledger).counts).toMatchObject({ openings: 2, openingsFound: 2, doubles: 0, notes: 1 });
});

test('a second ticket for an episode is a duplicate and unknown', () => {
  expect(after((_, ledger) => ledger.creates.push(twin))).toEqual(['unknown_ticket', 'duplicate_ticket']);
});

test('a deleted ticket is a violation only if a process could have found and recorded it before', () => {
  const deleted = (at: number) => ({ ticketId: 9, what: 'delete', at, tag: null }) as const;
  expect(
    after((_, ledger) => {
      ledger.creates.push(twin);
      ledger.ticketEdits.push(deleted(3_000));
    }),
  ).toEqual([]);
  expect(
    after((_, ledger) => {
      ledger.creates.push(twin);
      ledger.lookUps.set(twin.marker, [{ at: 2_600, answeredAt: 2_700 }]);
      ledger.ticketEdits.push(deleted(3_000));
    }),
  ).toContain('duplicate_ticket');
  expect(
    after((_, ledger) => {
      ledger.creates.push(twin);
      ledger.lookUps.set(twin.marker, [{ at: 2_600, answeredAt: 2_700 }]);
      ledger.unrecordable.push({ from: 2_650, until: 3_000 });
      ledger.ticketEdits.push(deleted(3_000));
    }),
  ).toEqual([]);
});

test('an active episode without a ticket is a violation, also when only FreeScout lost the ticket', () => {
  const lost = after((facts, ledger) => {
    facts.filings.splice(1, 1);
    facts.audits.splice(2, 1);
    ledger.creates.splice(1, 1);
  });
  expect(lost).toEqual(['missing_ticket', 'unexplained']);
  expect(after((_, ledger) => ledger.creates.splice(0, 1))).toEqual(['missing_ticket']);
});

test('a ticket with too few or too many of our tags is a violation; tags of people are not', () => {
  expect(after((facts) => facts.freescout[0]?.tags.shift())).toEqual(['untagged']);
  expect(after((facts) => facts.freescout[1]?.tags.push('auto:alert:beta'))).toEqual(['wrong_tags']);
  expect(after((facts) => facts.freescout[1]?.tags.push('automatic'))).toEqual([]);
});

test('each ticket must be in the audit log exactly once, with its own key', () => {
  expect(after((facts) => facts.audits.splice(1, 1))).toEqual(['missing_audit']);
  expect(after((facts) => facts.audits.push(...facts.audits.slice(1, 2)))).toEqual(['wrong_audit']);
  expect(after((facts) => Object.assign(facts.audits[1]?.payload ?? {}, { alert_key: 'beta:x' }))).toEqual([
    'wrong_audit',
  ]);
  expect(
    after((facts) => facts.audits.push({ action: 'console.alerts.ticket_filed', payload: { ticket_id: 77 } })),
  ).toEqual(['wrong_audit']);
});

test('an acknowledged emission that never took effect is lost', () => {
  expect(
    after((_, ledger) => ledger.acks.push({ key: 'beta:1', status: 'firing', severity: 'P1', sentAt: 1, ackedAt: 9 })),
  ).toEqual(['lost_event']);
  expect(
    after((_, ledger) =>
      ledger.acks.push({ key: KEY, status: 'firing', severity: 'P2', sentAt: 21_000, ackedAt: 21_050 }),
    ),
  ).toEqual(['lost_event']);
  expect(
    after((_, ledger) =>
      ledger.acks.push({ key: KEY, status: 'firing', severity: 'P1', sentAt: 40_000, ackedAt: 40_050 }),
    ),
  ).toEqual(['lost_event']);
  expect(
    after((_, ledger) =>
      ledger.acks.push({ key: KEY, status: 'resolved', severity: 'P1', sentAt: 40_000, ackedAt: 40_050 }),
    ),
  ).toEqual(['lost_event']);
});

test('an emission that repeats the present state is not lost', () => {
  const repeat = { key: KEY, status: 'firing', severity: 'P2', sentAt: 50_000, ackedAt: 50_050 } as const;
  expect(after((_, ledger) => ledger.acks.push(repeat))).toEqual([]);
});

test('an alert whose state differs from its history has lost an update', () => {
  expect(
    after((facts) => facts.alerts.splice(0, 1, { key: KEY, active: true, episode: 1, severity: 'P2', ticketId: 2 })),
  ).toEqual(['lost_update']);
  expect(after((facts) => facts.repeatedRevisions.push('alert:x at 3'))).toEqual(['lost_update']);
  expect(after((_, ledger) => Object.assign(ledger.expected.get(KEY) ?? {}, { firing: false }))).toEqual([
    'lost_event',
  ]);
});

test('only one click may be told that a ticket is new, and each click must have an audit row', () => {
  expect(after((_, ledger) => Object.assign(ledger.clicks[1]?.body ?? {}, { idempotent: false }))).toEqual([
    'wrong_answer',
  ]);
  expect(after((facts) => facts.audits.splice(4, 1))).toEqual(['missing_audit']);
  expect(after((facts) => Object.assign(facts.audits[4]?.payload ?? {}, { idempotent: false }))).toEqual([
    'wrong_audit',
  ]);
});

test('a second ticket of a click is a duplicate unless the first was closed', () => {
  const second = {
    ticketId: 4,
    marker: 'AT-DDDDDDDDDD',
    subject: '[AT-DDDDDDDDDD] DOWN: Service (service-1)',
    receivedAt: 6_000,
    effectAt: 6_010,
  };
  const file = (facts: FinalState, ledger: Ledger) => {
    ledger.creates.push(second);
    ledger.clicks.push({ surfaceId: 'service-1', sentAt: 5_900, endedAt: 6_100, status: null, body: null });
    facts.filings.push({
      id: 'investigate:service-1:2',
      marker: 'AT-DDDDDDDDDD',
      path: 'investigate',
      subjectKey: 'investigate:service-1:DOWN',
      phase: 'tagged',
      ticketId: 4,
      adopted: false,
    });
    facts.audits.push({ action: 'console.status.ticket_filed', payload: { ticket_id: 4, idempotent: false } });
  };
  expect(after(file)).toEqual(['duplicate_ticket']);
  expect(
    after((facts, ledger) => {
      file(facts, ledger);
      ledger.ticketEdits.push({ ticketId: 3, what: 'close', at: 5_500, tag: null });
    }),
  ).toEqual([]);
});

test('a ticket posted after every click was refused is a violation, unless the outcome was reported as unknown', () => {
  const refused = after((_, ledger) => {
    for (const click of ledger.clicks)
      Object.assign(click, { endedAt: 4_990, body: { degraded: true, reason: 'freescout_unavailable' } });
  });
  expect(refused).toEqual(['unrequested_ticket']);
  const unknown = after((_, ledger) => {
    for (const click of ledger.clicks)
      Object.assign(click, { endedAt: 4_990, body: { degraded: true, reason: 'outcome_unknown' } });
  });
  expect(unknown).toEqual([]);
});

test('a missing opening message is a violation, and so is a repeated message unless a response was lost', () => {
  expect(after((facts) => facts.slack.splice(0, 1))).toEqual(['missing_message']);
  expect(after((facts) => facts.slack.push({ ts: '2.1', marker: 'm1' }))).toEqual(['double_message']);
  expect(
    after((facts, ledger) => {
      facts.slack.push({ ts: '2.1', marker: 'm1' });
      ledger.lost.messages.set('m1', 1);
    }),
  ).toEqual([]);
});

test('a ticket must have exactly one note about the end of its episode', () => {
  expect(after((facts) => facts.freescout[0]?.notes.splice(0))).toEqual(['missing_note']);
  expect(after((facts) => facts.freescout[0]?.notes.push(...(facts.freescout[0]?.notes ?? [])))).toEqual([
    'double_note',
  ]);
});

test('dead letters, parked actors, error lines and tickets filed while the flag is off are violations', () => {
  expect(after((facts) => facts.dead.push('sendDm x'))).toEqual(['dead_letter']);
  expect(after((facts) => facts.parked.push('alert:x: broken'))).toEqual(['parked']);
  expect(
    after((facts) =>
      facts.audits.push({ action: 'console.surfaces.maintenance_started', payload: { surface_id: 'parked' } }),
    ),
  ).toEqual(['wrong_audit']);
  expect(after((_, __, complaints) => complaints.push({ process: 'web-1', what: 'error_line', text: '' }))).toEqual([
    'error_line',
  ]);
  expect(after((_, ledger) => ledger.flagOff.push({ from: 25_000, until: 35_000 }))).toEqual(['filed_while_off']);
});

test('an episode that ended without a ticket must have a reason in the audit log', () => {
  const ended = (facts: FinalState, ledger: Ledger) => {
    facts.filings.splice(0, 1);
    facts.audits.splice(1, 1);
    ledger.creates.splice(0, 1);
  };
  expect(after(ended)).toEqual(['unexplained']);
  const reason = {
    action: 'console.alerts.ticket_skipped',
    payload: { alert_key: KEY, severity: 'P1', reason: 'resolved_before_filing' },
  };
  expect(
    after((facts, ledger) => {
      ended(facts, ledger);
      facts.audits.push(reason);
    }),
  ).toEqual([]);
});
