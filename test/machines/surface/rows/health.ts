import { checked } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { confirmedByOne, down, isDegraded, isDown, isUp, removed, slow, up } from '../surfaceEvents.ts';

/** The status, and what it emits. */
export const rows: Row[] = [
  row('a first good check makes a surface operational', [], up, 'health.operational'),
  row('a first bad check makes a surface suspect', [], down, 'health.suspect'),
  row('one bad check makes an operational surface suspect', isUp, down, 'health.suspect'),
  row('a good check clears a suspicion', [up, down], up, 'health.operational'),
  row(
    'two failed checks are an outage, which is emitted at once',
    [up, down],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row('two slow checks are a degradation', [up, slow], slow, 'health.outage.degraded', 'emitAlert firing P3'),
  row(
    'a slow and a failed check together are a degradation',
    [up, slow],
    down,
    'health.outage.degraded',
    'emitAlert firing P3',
  ),
  row(
    'an outage is confirmed without any good check before it',
    [down],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row(
    'two failed checks make a degraded surface down',
    [...isDegraded, down],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row(
    'two slow checks make a surface that is down degraded',
    [...isDown, slow],
    slow,
    'health.outage.degraded',
    'emitAlert firing P3',
  ),
  row('one good check neither ends an outage nor emits it', isDown, up, 'health.outage.down'),
  row('two good checks end an outage', [...isDown, up], up, 'health.operational', 'emitAlert resolved P1'),
  ...(
    [
      ['slow', 'health.outage.degraded', 'emitAlert firing P3'],
      ['down', 'health.outage.down', 'emitAlert firing P1'],
    ] as const
  ).flatMap(([outcome, to, asks]) => [
    row(
      `a first check that is ${outcome} is an outage where one check is enough`,
      [],
      confirmedByOne(outcome),
      to,
      asks,
    ),
    row(
      `a ${outcome} check after good ones is an outage where one check is enough`,
      isUp,
      confirmedByOne(outcome),
      to,
      asks,
    ),
  ]),
  row(
    'a status without a severity raises no alert',
    [up, slow],
    checked('slow', { severity: { degraded: null, down: 'P1' } }),
    'health.outage.degraded',
  ),
  row(
    'a severity that is taken away resolves the alert',
    isDegraded,
    checked('slow', { severity: { degraded: null, down: 'P1' } }),
    'health.outage.degraded',
    'emitAlert resolved P3 status raises no alert',
  ),
  row(
    'taking a surface out of the file ends its outage',
    isDown,
    removed,
    'health.unknown',
    'emitAlert resolved P1 surface taken out of the file',
  ),
  row('taking an operational surface out of the file emits nothing', isUp, removed, 'health.unknown'),
];
