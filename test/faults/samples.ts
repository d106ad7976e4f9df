import type { FinalState, Move } from './finalState.ts';
import { createLedger, type Ledger } from './ledger.ts';

/** A run without violations: one alert with an ended and an active episode, and two clicks. */
export function soundRun(): { facts: FinalState; ledger: Ledger } {
  const key = 'alpha:00000112345678ab';
  const ledger = createLedger();
  ledger.acks.push(
    { key, status: 'firing', severity: 'P1', sentAt: 1_000, ackedAt: 1_050 },
    { key, status: 'resolved', severity: 'P1', sentAt: 20_000, ackedAt: 20_050 },
    { key, status: 'firing', severity: 'P2', sentAt: 30_000, ackedAt: 30_050 },
  );
  ledger.expected.set(key, {
    source: 'alpha',
    alertId: '00000112345678abcdef',
    severity: 'P2',
    title: 'Fault 1/2',
    firing: true,
    startsAt: 29_990,
    endsAt: 19_990,
    mayGetLost: false,
  });
  ledger.creates.push(
    {
      ticketId: 1,
      marker: 'AT-AAAAAAAAAA',
      subject: '[AT-AAAAAAAAAA] P1: Fault 1/1',
      receivedAt: 2_000,
      effectAt: 2_010,
    },
    {
      ticketId: 2,
      marker: 'AT-BBBBBBBBBB',
      subject: '[AT-BBBBBBBBBB] P2: Fault 1/2',
      receivedAt: 31_000,
      effectAt: 31_010,
    },
    {
      ticketId: 3,
      marker: 'AT-CCCCCCCCCC',
      subject: '[AT-CCCCCCCCCC] DOWN: Service (service-1)',
      receivedAt: 5_000,
      effectAt: 5_010,
    },
  );
  const answer = { ticket_id: 3, degraded: false };
  ledger.clicks.push(
    { surfaceId: 'service-1', sentAt: 4_900, endedAt: 5_100, status: 200, body: { ...answer, idempotent: false } },
    { surfaceId: 'service-1', sentAt: 4_950, endedAt: 5_100, status: 200, body: { ...answer, idempotent: true } },
  );
  const facts: FinalState = {
    moves: [
      moveAt({ key, severity: 'P1', at: 1_020 }),
      moveAt({ key, type: 'RESOLVED', at: 20_020 }),
      moveAt({ key, severity: 'P2', at: 30_020 }),
    ],
    alerts: [{ key, active: true, episode: 2, severity: 'P2', ticketId: 2 }],
    repeatedRevisions: [],
    filings: [
      {
        id: `alert:${key}:1`,
        marker: 'AT-AAAAAAAAAA',
        path: 'alert',
        subjectKey: `alert:${key}:1`,
        phase: 'tagged',
        ticketId: 1,
        adopted: false,
      },
      {
        id: `alert:${key}:2`,
        marker: 'AT-BBBBBBBBBB',
        path: 'alert',
        subjectKey: `alert:${key}:2`,
        phase: 'tagged',
        ticketId: 2,
        adopted: false,
      },
      {
        id: 'investigate:service-1:1',
        marker: 'AT-CCCCCCCCCC',
        path: 'investigate',
        subjectKey: 'investigate:service-1:DOWN',
        phase: 'tagged',
        ticketId: 3,
        adopted: false,
      },
    ],
    audits: [
      { action: 'console.surfaces.maintenance_started', payload: { surface_id: 'parked' } },
      { action: 'console.alerts.ticket_filed', payload: { alert_key: key, severity: 'P1', ticket_id: 1 } },
      { action: 'console.alerts.ticket_filed', payload: { alert_key: key, severity: 'P2', ticket_id: 2 } },
      { action: 'console.status.ticket_filed', payload: { surface_id: 'service-1', ticket_id: 3, idempotent: false } },
      { action: 'console.status.ticket_filed', payload: { surface_id: 'service-1', ticket_id: 3, idempotent: true } },
    ],
    messages: [
      { thread: `alert:${key}:1`, kind: 'opened', phase: 'sent', ts: '1.1' },
      { thread: `alert:${key}:2`, kind: 'opened', phase: 'sent', ts: '1.2' },
    ],
    dead: [],
    parked: [],
    held: 0,
    webhooks: [],
    releases: { takenByOlder: 0, takenTooNew: 0, newEffects: 0, waits: [], overwritten: [] },
    freescout: [
      {
        id: 1,
        tags: ['auto:alert', 'auto:alert:alpha', 'seen'],
        notes: ['<!-- note:alpha:1 --><p>Resolved at 20:00</p>'],
      },
      { id: 2, tags: ['auto:alert', 'auto:alert:alpha'], notes: [] },
      { id: 3, tags: ['auto:status', 'auto:status:service-1'], notes: [] },
    ],
    slack: [
      { ts: '1.1', marker: 'm1' },
      { ts: '1.2', marker: 'm2' },
    ],
  };
  return { facts, ledger };
}

/** An emission, by a clock of the database that is right. */
export const moveAt = (move: Pick<Move, 'key' | 'at'> & Partial<Move>): Move => ({
  type: 'EMITTED',
  severity: 'P3',
  surfaceId: null,
  flapping: false,
  clock: move.at,
  ...move,
});
