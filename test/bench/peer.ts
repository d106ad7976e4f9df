import { type Alertmanager, startAlertmanager } from '../support/alertmanager.ts';
import type { Environment } from './environment.ts';

/**
 * Alertmanager from the packages of Debian, with its default intervals and a receiver that does nothing; null if it is
 * not installed, which the result then says. It holds alerts in memory and writes none to disk. By default all alerts
 * are one group, of which it would send one notification; with `groupBy` `['...']` each alert is a group of its own.
 */
export async function startPeer(environment: Environment, groupBy: string[] = []): Promise<Alertmanager | null> {
  try {
    const peer = await startAlertmanager('receivers: [{name: auto-ticketing}]\n', undefined, { group_by: groupBy });
    environment.onStop('Alertmanager', peer.stop);
    return peer;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('not installed')) throw error;
    const remark = 'Alertmanager is not installed, so there is no comparison with it.';
    if (!environment.remarks.includes(remark)) environment.remarks.push(remark);
    return null;
  }
}
