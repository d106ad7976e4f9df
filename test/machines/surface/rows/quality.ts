import { checked } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { maintenance, removed } from '../surfaceEvents.ts';

/** Surfaces that fail in turn, and whose certificate expires. */

const window = { unstableWindow: 4 };
const good = checked('up', window);
const bad = checked('down', window);
const becomesUnstable = [good, bad, good];
const unstable = [...becomesUnstable, bad];

const certificate = (expiresAt: string, soon: boolean) => checked('up', { certificate: { expiresAt, soon } });
const expires = certificate('2026-05-15T00:00:00.000Z', true);
const renewed = certificate('2027-05-15T00:00:00.000Z', false);
const otherExpires = certificate('2026-05-16T00:00:00.000Z', true);
const withoutTls = checked('up', { certificate: null });

export const rows: Row[] = [
  row(
    'a surface of which half of a full window fails in turn is unstable',
    becomesUnstable,
    bad,
    'health.outage.unstable',
    'emitAlert firing P3',
  ),
  row('an operational surface becomes unstable at a good check, too', [bad, good, bad], good, 'health.outage.unstable'),
  row(
    'a surface of which less than half of the window fails is not unstable',
    [good, good, bad],
    good,
    'health.operational',
  ),
  row('an unstable surface stays so at a good check', unstable, good, 'health.outage.unstable'),
  row(
    'an unstable surface that fails often enough in a row is down',
    unstable,
    bad,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row(
    'an unstable surface whose checks are bad often enough in a row is degraded',
    unstable,
    checked('slow', window),
    'health.outage.degraded',
    'emitAlert firing P3',
  ),
  row(
    'a good check is not enough while half of the window fails',
    unstable,
    checked('up', { ...window, successesToClose: 1 }),
    'health.outage.unstable',
  ),
  row(
    'an unstable surface recovers when less than half of the window fails',
    [...unstable, good],
    good,
    'health.operational',
    'emitAlert resolved P3',
  ),
  row(
    'an unstable surface whose window is turned off recovers at the next good check',
    unstable,
    checked('up', { unstableWindow: 0 }),
    'health.operational',
    'emitAlert resolved P3',
  ),
  row(
    'a good check by a process that knows no window leaves an unstable surface as it is',
    unstable,
    checked('up'),
    'health.outage.unstable',
  ),
  row(
    'a long outage does not make a surface unstable after its recovery',
    [bad, bad, bad, bad, good],
    good,
    'health.operational',
    'emitAlert resolved P1',
  ),
  row('a certificate that expires soon raises a P3', [], expires, 'certificate.expiring', 'emitAlert firing P3'),
  row('every check emits the certificate again', [expires], expires, 'certificate.expiring', 'emitAlert firing P3'),
  row('a certificate that lasts raises nothing', [], renewed, 'certificate.valid'),
  row(
    'a check that met no certificate leaves its alert',
    [expires],
    checked('up'),
    'certificate.expiring',
    'emitAlert firing P3',
  ),
  row('a renewed certificate resolves its alert', [expires], renewed, 'certificate.valid', 'emitAlert resolved P3'),
  row(
    'a surface that answers without TLS resolves the alert about its certificate',
    [expires],
    withoutTls,
    'certificate.valid',
    'emitAlert resolved P3',
  ),
  row('a surface that never had TLS has no alert about a certificate', [withoutTls], withoutTls, 'certificate.valid'),
  row(
    'another certificate that expires soon resolves the alert of the first',
    [expires],
    otherExpires,
    'certificate.expiring',
    'emitAlert resolved P3',
  ),
  row('a certificate raises nothing under maintenance', [maintenance], expires, 'certificate.expiring'),
  row(
    'a surface taken out of the file resolves the alert about its certificate',
    [expires],
    removed,
    'certificate.valid',
    'emitAlert resolved P3 surface taken out of the file',
  ),
];
