import { alertIdOf } from '../../../src/alerts/senders/readRequest.ts';
import type { ExpectedAlert } from '../../faults/ledger.ts';
import { createRandom } from '../../faults/random.ts';
import { WEBHOOK_SOURCES } from '../../faults/sources.ts';
import { FORMATS } from '../../faults/webhooks/formats.ts';
import type { Input } from '../requests.ts';
import { inputOf, TOKENS } from './inputs.ts';

/** Alerts that each sender sends in its own format among the hostile requests, which must not keep them from opening and ending. */

export interface Probe {
  actorId: string;
  isActive: boolean;
  input: Input;
}

/** Probe `n` of every source, firing or resolved. */
export function probesOf(n: number, status: 'firing' | 'resolved'): Probe[] {
  const startsAt = Date.now() - 1_000;
  const alert: ExpectedAlert = {
    ...{
      source: '',
      alertId: `${(0xf00000 + n).toString(16)}${'5a'.repeat(13)}`,
      severity: 'P3',
      title: `Fault ${n}/1: probe`,
    },
    ...{ firing: status === 'firing', startsAt, endsAt: Date.now(), mayGetLost: false },
  };
  return Object.entries(WEBHOOK_SOURCES).map(([source, sender]) => {
    const to = { source, token: TOKENS.get(source) ?? '' };
    const options = { random: createRandom(`${source} probe ${n}`), unusable: 0 };
    const post = FORMATS[sender].post([{ alert, status, severity: 'P3', at: Date.now() }], to, options);
    return {
      actorId: `alert:${source}:${alertIdOf(FORMATS[sender].identity(alert)).slice(0, 16)}`,
      isActive: status === 'firing',
      input: inputOf(post, `${sender} (${source})`),
    };
  });
}
