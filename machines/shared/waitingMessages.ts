import type { AuditEntry, DmRequest } from './protocol.ts';

/**
 * Messages about an alert that wait behind the one that is being sent. While messages cannot be sent, a newer one replaces
 * an older one of its kind, so that a snapshot cannot grow without limit. The newer one says how many it replaces. Pure.
 */

/** Far more than there are kinds, so that one kind always waits twice beyond this. */
const MAX_WAITING = 20;

interface HasMessages {
  dms: DmRequest[];
}

interface Limited {
  kept: DmRequest[];
  leftOut: DmRequest[];
}

export const tooManyWait = ({ dms }: HasMessages): boolean => dms.length > MAX_WAITING + 1;

export const oldestLeftOut = ({ dms }: HasMessages): HasMessages => ({ dms: limited(dms).kept });

export const leftOutAudit = ({ dms }: HasMessages): AuditEntry[] =>
  limited(dms).leftOut.map(({ kind, source, body, to }) => ({
    action: 'console.alerts.dm_dropped',
    payload: {
      alert_key: body.alertKey,
      kind,
      severity: body.severity,
      reason: 'too many messages wait',
      ...(to ? { recipient: to } : {}),
    },
    actor: source ?? '',
  }));

/** The first is being sent, and stays. Of the others the oldest give way for which a newer one of their kind waits. */
function limited([sending, ...waiting]: DmRequest[]): Limited {
  const leftOut: DmRequest[] = [];
  let kept = waiting;
  while (kept.length > MAX_WAITING) {
    const older = kept.findIndex(({ kind }, n) => kept.findIndex((other, m) => m > n && other.kind === kind) > 0);
    const [dropped] = kept.slice(older, older + 1);
    if (!dropped) break;
    const newer = kept.findIndex(({ kind }, n) => n > older && kind === dropped.kind);
    kept = kept.with(newer, standingFor(kept[newer] as DmRequest, dropped)).toSpliced(older, 1);
    leftOut.push(dropped);
  }
  return { kept: sending ? [sending, ...kept] : kept, leftOut };
}

const leftOutBefore = ({ body }: DmRequest): number => (typeof body.leftOut === 'number' ? body.leftOut : 0);

const standingFor = (newer: DmRequest, older: DmRequest): DmRequest => ({
  ...newer,
  body: { ...newer.body, leftOut: leftOutBefore(newer) + leftOutBefore(older) + 1 },
});
