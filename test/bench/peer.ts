import { type Alertmanager, startAlertmanager } from '../support/alertmanager.ts';
import type { Environment } from './environment.ts';

/** Alertmanager from the packages of Debian; null where it is not installed, which the result then says. */
export async function startPeer(environment: Environment): Promise<Alertmanager | null> {
  try {
    const peer = await startAlertmanager('receivers: [{name: auto-ticketing}]\n');
    environment.onStop('Alertmanager', peer.stop);
    return peer;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('not installed')) throw error;
    environment.remarks.push('Alertmanager is not installed, so there is no comparison with it.');
    return null;
  }
}
