import type { AlertContext, EmittedEvent } from '../../../machines/alert/types.ts';
import type { DmRequest } from '../../../machines/shared/protocol.ts';
import { emitted, filedAs, refusedFor, resolved } from '../support/events.ts';
import type { Bounds, ObservedStep, Situation } from '../support/explore.ts';

export const ID = 'aaaaaaaaaaaaaaaa1';
export const emission = (more: Partial<EmittedEvent>) => emitted({ alertId: ID, flapMaxEpisodes: 1_000, ...more });
export const subject = ({ alertKey, episode }: AlertContext): string => `alert:${alertKey}:${episode}`;
const reviewed = (held: string | null) => ({ type: 'HOLD_REVIEWED', held, under: [] });

/** Silences begin and end, with and without an emission. */
export const silences = (bounds: Bounds<AlertContext>): Bounds<AlertContext> => ({
  ...bounds,
  events: () => [
    emission({ severity: 'P3' }),
    emission({ severity: 'P3', held: 'silenced' }),
    emission({ severity: 'P1', held: 'silenced' }),
    resolved(ID),
    ...['silenced', 'flag_off', null].map(reviewed),
  ],
  answers: { ...bounds.answers, file: () => [filedAs(401), refusedFor('silenced')], dm: () => [{ outcome: 'sent' }] },
  key: (context, situation) => [bounds.key(context, situation), context.told, ...messagesOf(context)],
  rule(observed, report) {
    bounds.rule(observed, report);
    messageRule(observed, report);
  },
});

/** What is said of a P3 that is silenced now and then, gets another title, is quiet at first and flaps. Each message takes time. */
export const announcements = (bounds: Bounds<AlertContext>): Bounds<AlertContext> => ({
  ...bounds,
  events: ({ states, context }) => [
    ...(context.dms.length < 2 ? [null, 'silenced' as const].flatMap(emissions) : []),
    ...(states.includes('life.resolved') ? [] : [resolved(ID)]),
    ...(states.includes('life.quiet') ? [emission({ severity: 'P3', quiet: true, held: 'silenced' })] : []),
    ...['silenced', null].map(reviewed),
  ],
  answers: { dm: () => [{ outcome: 'sent' }] },
  immediate: [],
  key: (context) => {
    const { active, quiet, held, flapping, told, title, returns } = context;
    return [active, quiet, held, flapping, told, title, (returns?.notedAt ?? null) !== null, ...messagesOf(context)];
  },
  rule: messageRule,
});

/** The kinds of those that wait, and which of them are about the present episode. */
const messagesOf = (context: AlertContext) =>
  context.dms.map(({ kind, thread }) => [kind, thread === subject(context)]);

const emissions = (held: 'silenced' | null) => [
  emission({ severity: 'P3', held }),
  emission({ severity: 'P3', held, title: 'API is slower' }),
  emission({ severity: 'P3', held, flapping: true, flapMaxEpisodes: 0 }),
];

function messageRule(
  { before, after, effects }: ObservedStep<AlertContext>,
  report: (violation: string) => void,
): void {
  const thread = subject(after.context);
  const begun = effects.filter(({ src }) => src === 'sendDm').map(({ input }) => input as DmRequest);
  if (after.context.held === 'silenced' && begun.some((message) => message.thread === thread))
    report('a message of a silenced alert is sent');
  if (before.context.held !== 'silenced' || !before.context.active || after.context.active) return;
  const waits = after.context.dms.at(-1);
  const isAnnounced = waits?.kind === 'resolved' && waits.thread === thread && !before.context.dms.includes(waits);
  if (isAnnounced !== wasTold(before)) report(`the end of an alert is ${isAnnounced ? '' : 'not '}announced`);
}

/** Whether a message about the episode was begun, and none since that it has ended. A link to its ticket says neither. */
function wasTold({ context, ...now }: Situation<AlertContext>): boolean {
  for (let at: Pick<Situation<AlertContext>, 'running' | 'before'> | null = now; at; at = at.before) {
    const { kind, thread } = (at.running.dm?.input ?? {}) as Partial<DmRequest>;
    if (thread === subject(context) && kind !== 'ticket') return kind !== 'resolved';
  }
  return false;
}
