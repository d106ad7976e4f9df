import { expect, it } from 'vitest';
import type { AuditEntry, DmRequest } from '../../../machines/shared/protocol.ts';
import { composeDm } from '../../../src/notify/composeDm.ts';
import { paramsOf } from '../support/driver.ts';
import { resolved } from '../support/events.ts';
import { alert, flagOff, p1, sent } from './alertEvents.ts';

it('two hundred episodes while messages cannot be sent keep few of them, which say how many they stand for', () => {
  const actor = alert();
  const audited: AuditEntry[] = [];
  for (let n = 0; n < 200; n++) {
    for (const event of [{ ...p1, title: `Episode ${n}`, held: 'flag_off', flapMaxEpisodes: 400 }, resolved()]) {
      audited.push(...paramsOf<AuditEntry>(actor.take(event).actions, 'audit'));
      expect(actor.context.dms.length).toBeLessThanOrEqual(21);
    }
  }
  const dropped = audited.filter(({ action }) => action === 'console.alerts.dm_dropped');
  expect(dropped).toHaveLength(400 - 21);

  const requests: DmRequest[] = [];
  for (; actor.running.has('dm'); actor.take(sent)) requests.push(actor.input('dm'));
  expect(requests.map(({ kind, body }) => `${kind} ${body.title}`).slice(-2)).toEqual([
    'opened Episode 199',
    'resolved Episode 199',
  ]);
  expect(requests.reduce((sum, { body }) => sum + Number(body.leftOut ?? 0), 0)).toBe(dropped.length);
  const [standing] = requests.filter(({ body }) => body.leftOut);
  expect(JSON.stringify(composeDm(standing as DmRequest, 'http://127.0.0.1'))).toContain(
    'earlier messages of this kind',
  );
});

it('twenty messages may wait without any of them being left out', () => {
  const actor = alert();
  for (let n = 0; n < 10; n++) actor.take(flagOff({ ...p1, flapMaxEpisodes: 20 }), resolved());
  expect(actor.context.dms.map(({ kind }) => kind)).toEqual(
    Array.from({ length: 10 }, () => ['opened', 'resolved']).flat(),
  );
});
