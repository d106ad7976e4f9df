import type { EventObject } from 'xstate';
import type { FilingIntent, FilingResult } from '../../../machines/shared/protocol.ts';
import type { MachineAction } from '../../../src/actors/step.ts';
import { paramsOf } from './driver.ts';

/** What the filing protocol knows of one actor, as far as it bounds what may happen next. */
export interface Filings {
  /** The one that is open; nothing is posted any more for one that was withdrawn. */
  open: { intent: FilingIntent; withdrawn: boolean } | null;
  /** Closed without a ticket, which may turn up for it all the same. */
  closed: FilingIntent | null;
  /** What has its ticket, by `subjectKey`. */
  filed: string[];
}

export const noFilings: Filings = { open: null, closed: null, filed: [] };

/**
 * What becomes of them in one step. `runs` tells whether an effect still works on the open one: it cannot be called
 * back, so that its end is waited for even where nobody wants it any more.
 */
export function filingsAfter(
  before: Filings,
  { event, says, runs }: { event: EventObject & { output?: unknown }; says: MachineAction[]; runs: boolean },
  wrong: (what: string) => void,
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
    else wrong('something was filed that nobody intended');
    open = null;
  } else if (result && open && isOver(result, open)) {
    close();
  }

  for (const id of paramsOf<string>(says, 'withdraw')) {
    if (open?.intent.filingId !== id) continue;
    if (runs) open = { ...open, withdrawn: true };
    else close();
  }
  for (const intent of paramsOf<FilingIntent>(says, 'intend')) {
    if (open) wrong(`${intent.filingId} is intended while ${open.intent.filingId} is open`);
    open = { intent, withdrawn: false };
  }
  return { open, closed, filed };
}

/** What failed stays open, to be tried again, unless nobody wants it any more; nobody waits for long after a click. */
const isOver = ({ outcome }: FilingResult, { intent, withdrawn }: NonNullable<Filings['open']>): boolean =>
  outcome === 'refused' || (outcome === 'failed' && (withdrawn || intent.request.path === 'investigate'));
