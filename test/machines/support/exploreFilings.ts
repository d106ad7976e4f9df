import type { EventObject } from 'xstate';
import type { FilingIntent, FilingResult } from '../../../machines/shared/protocol.ts';
import type { MachineAction } from '../../../src/actors/step.ts';
import { paramsOf } from './driver.ts';

/** The filings of one actor, as far as they determine the possible next events. */
export interface Filings {
  /** The open filing; nothing more is posted for a withdrawn one. */
  open: { intent: FilingIntent; withdrawn: boolean } | null;
  /** A filing that was closed without a ticket; its ticket may still be found later. */
  closed: FilingIntent | null;
  /** Subject keys that have their ticket. */
  filed: string[];
}

export const noFilings: Filings = { open: null, closed: null, filed: [] };

/**
 * The filings after one step. `runs`: an effect still works on the open filing. It cannot be cancelled, so the filing
 * stays open until the effect ends, even when it was withdrawn.
 */
export function filingsAfter(
  before: Filings,
  { event, actions, runs }: { event: EventObject & { output?: unknown }; actions: MachineAction[]; runs: boolean },
  report: (violation: string) => void,
): Filings {
  let { open, closed, filed } = before;
  const close = (): void => {
    closed = open?.intent ?? closed;
    open = null;
  };

  if (event.type === 'FOUND' && closed) {
    filed = [...filed, closed.subjectKey];
    closed = null;
  }
  const result = /\.done\.actor\.(file|settle)$/.test(event.type) ? (event.output as FilingResult) : null;
  if (result?.outcome === 'filed') {
    if (open) filed = [...filed, open.intent.subjectKey];
    else report('a ticket was filed without an intent');
    open = null;
  } else if (result && open && isOver(result, open)) {
    close();
  }

  for (const id of paramsOf<string>(actions, 'withdraw')) {
    if (open?.intent.filingId !== id) continue;
    if (runs) open = { ...open, withdrawn: true };
    else close();
  }
  for (const intent of paramsOf<FilingIntent>(actions, 'intend')) {
    if (open) report(`${intent.filingId} is intended while ${open.intent.filingId} is open`);
    open = { intent, withdrawn: false };
  }
  return { open, closed, filed };
}

/** A failed filing stays open for a retry, unless it was withdrawn or belongs to a click, which is not retried. */
const isOver = ({ outcome }: FilingResult, { intent, withdrawn }: NonNullable<Filings['open']>): boolean =>
  outcome === 'refused' || (outcome === 'failed' && (withdrawn || intent.request.path === 'investigate'));
