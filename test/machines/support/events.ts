import type { EmittedEvent } from '../../../machines/alert/types.ts';
import type { FilingResult, RefusalReason } from '../../../machines/shared/protocol.ts';
import type { CheckedEvent, Outcome } from '../../../machines/surface/types.ts';
import { type ActorInput, done } from './driver.ts';

/** Events and effect results, with default values for what most tests do not need. */

export const ticket = (id: number) => ({ id, url: `https://tickets.example.com/conversation/${id}` });

export const filedAs = (id: number, more: Partial<Extract<FilingResult, { outcome: 'filed' }>> = {}): FilingResult => ({
  outcome: 'filed',
  ticket: ticket(id),
  created: true,
  tagged: true,
  whileFailing: false,
  ...more,
});
export const refusedFor = (reason: RefusalReason): FilingResult => ({ outcome: 'refused', reason });
export const failedWith = (problem: string, own = false): FilingResult => ({ outcome: 'failed', problem, own });
export const doubt: FilingResult = { outcome: 'doubt' };

export const filed = (id: number, more = {}): ActorInput => done('file', filedAs(id, more));
export const refused = (reason: RefusalReason): ActorInput => done('file', refusedFor(reason));
export const failed = (problem = 'unavailable', own = false): ActorInput => done('file', failedWith(problem, own));
export const inDoubt: ActorInput = done('file', doubt);
/** Another run posted, and came to no end. */
export const inheritedDoubt: ActorInput = done('file', { ...doubt, inherited: true });
export const found = (id: number, more = {}): ActorInput => done('settle', filedAs(id, more));
export const notFound: ActorInput = done('settle', failedWith('unavailable'));
/** The help desk had answered with an error, and stored nothing. */
export const refusedAfterDoubt: ActorInput = done('settle', failedWith('rejected', true));

export const checked = (outcome: Outcome, more: Partial<CheckedEvent> = {}): CheckedEvent => ({
  type: 'CHECKED',
  outcome,
  error: outcome === 'up' ? null : `it was ${outcome}`,
  name: 'API',
  failuresToOpen: 2,
  successesToClose: 2,
  severity: { degraded: 'P3', down: 'P1' },
  ...more,
});

export const emitted = (more: Partial<EmittedEvent> = {}): EmittedEvent => ({
  type: 'EMITTED',
  alertId: 'aaaaaaaaaaaaaaaa1',
  severity: 'P1',
  title: 'API is DOWN',
  details: null,
  url: null,
  surfaceId: null,
  surfaceName: null,
  held: null,
  under: [],
  flapMaxEpisodes: 5,
  flapWindowMs: 600_000,
  ...more,
});
export const resolved = (alertId = 'aaaaaaaaaaaaaaaa1') => ({ type: 'RESOLVED', alertId, reason: null });
/** Its surface was taken out of the file. */
export const resolvedForGood = (alertId = 'aaaaaaaaaaaaaaaa1') => ({
  ...resolved(alertId),
  reason: 'surface taken out of the file',
  final: true as const,
});
