import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertIdOf } from '../../../src/alerts/senders/readRequest.ts';
import type { SourceRow } from '../../../src/model/senders.ts';
import { eventually } from '../../support/eventually.ts';
import { type SenderEnvironment, startSenderEnvironment } from '../../support/senderEnvironment.ts';

let environment: SenderEnvironment;
beforeAll(async () => {
  environment = await startSenderEnvironment([{ id: 'short', kind: 'alertmanager' }]);
});
afterAll(() => environment.close());

const keyOf = (fingerprint: string) => `short:${alertIdOf([fingerprint]).slice(0, 16)}`;

/** A group of alerts of which Alertmanager left some out, as with its setting max_alerts. */
const post = (alerts: Record<string, string>, truncatedAlerts = 0) =>
  environment.send(
    '/api/webhooks/alertmanager/short',
    {
      version: '4',
      status: 'firing',
      truncatedAlerts,
      alerts: Object.entries(alerts).map(([fingerprint, status]) => ({
        ...{ fingerprint, status, labels: { alertname: `Alert ${fingerprint}`, severity: 'critical' } },
        startsAt: '2026-05-05T14:00:00Z',
        endsAt: status === 'resolved' ? '2026-05-05T15:00:00Z' : '0001-01-01T00:00:00Z',
      })),
    },
    environment.as('short'),
  );

async function states(): Promise<Record<string, string>> {
  const { rows } = (await (await environment.ask('/console/alerts?q=short:')).json()) as {
    rows: { alert_key: string; state: string }[];
  };
  return Object.fromEntries(rows.map(({ alert_key, state }) => [alert_key, state]));
}

it('alerts that Alertmanager left out of its requests are audited and shown, and go on firing', async () => {
  await post({ sent: 'firing', left: 'firing' });
  await eventually(async () =>
    expect(await states()).toEqual({ [keyOf('sent')]: 'firing', [keyOf('left')]: 'firing' }),
  );
  await post({ sent: 'firing' }, 1);
  await post({ sent: 'resolved' }, 2);

  // Of each request the row is written once all its alerts were applied.
  const audited = (alerts: number) => ({
    payload: { source: 'short', request_id: expect.stringMatching(/^\d+$/), alerts_left_out: alerts },
    actor: 'sender short',
  });
  await eventually(async () =>
    expect(await environment.audit('console.webhooks.truncated')).toEqual([audited(1), audited(2)]),
  );
  expect(await states()).toEqual({ [keyOf('sent')]: 'resolved', [keyOf('left')]: 'firing' });

  const { sources } = (await (await environment.ask('/console/sources')).json()) as { sources: SourceRow[] };
  expect(sources.find(({ id }) => id === 'short')).toMatchObject({
    ...{ requests_last_hour: 3, alerts_last_hour: 4, left_out_last_day: 3, not_understood: 0 },
  });
  const page = await environment.ask('/console/sources', undefined, { accept: 'text/html' });
  expect(await page.text()).toContain('sender left out 3 alerts today');
});
