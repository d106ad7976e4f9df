import { expect } from 'vitest';
import type { FilingIntent, FilingResult } from '../../../machines/shared/protocol.ts';
import { doubt, failedWith, filedAs, refusedFor } from './events.ts';

/** The filings of one actor by the rules of the filing protocol, and the results that are possible at a given moment. */
export function createFilings() {
  const open = new Map<string, { intent: FilingIntent; withdrawn: boolean; running: boolean }>();
  let tickets = 400;

  return {
    open,
    intend(intents: FilingIntent[]): void {
      for (const intent of intents) {
        expect([...open.keys()], 'one filing at a time').toEqual([]);
        open.set(intent.filingId, { intent, withdrawn: false, running: true });
      }
    },
    withdraw(filingIds: string[]): void {
      for (const id of filingIds) {
        const filing = open.get(id);
        if (filing?.running) filing.withdrawn = true;
        else open.delete(id);
      }
    },
    /** To be called when an effect starts to run. */
    begins(filingId: string): void {
      const filing = open.get(filingId);
      if (filing) filing.running = true;
    },
    answers(filingId: string): Record<string, FilingResult> {
      const wanted = open.get(filingId)?.withdrawn === false;
      tickets += 1;
      return {
        filed: filedAs(tickets),
        untagged: filedAs(tickets, { tagged: false, whileFailing: true }),
        doubt,
        failed: failedWith('unavailable'),
        ...(wanted
          ? {
              held: failedWith('held'),
              'flag off': refusedFor('flag_off'),
              storm: refusedFor('storm'),
              silent: refusedFor('silent'),
              'refused as such': failedWith('rejected', true),
            }
          : { withdrawn: refusedFor('withdrawn') }),
      };
    },
    found: (): Record<string, FilingResult> => {
      tickets += 1;
      return {
        found: filedAs(tickets),
        'not found': failedWith('unavailable'),
        'not taken': failedWith('rejected', true),
      };
    },
    /** The protocol closes a filing that is filed, refused, or withdrawn and certainly not posted; a failed one stays planned. */
    answered(filingId: string, result: FilingResult | null): void {
      const filing = open.get(filingId);
      if (!filing || result?.outcome === 'doubt') return;
      filing.running = false;
      if (result && (result.outcome !== 'failed' || filing.withdrawn)) open.delete(filingId);
    },
  };
}
