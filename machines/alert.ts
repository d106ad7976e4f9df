import { assign, fromPromise, raise, setup } from 'xstate';
import * as life from './alertLife.ts';
import * as ticket from './alertTicket.ts';
import type { AlertContext, AlertEvent, AlertInput, EmittedEvent } from './alertTypes.ts';
import type { AuditEntry, Chore, ChoreResult, DmRequest, DmResult, FilingIntent, FilingResult, Tell } from './asks.ts';
import { instantOf } from './asks.ts';
import { unprovided } from './unprovided.ts';

/**
 * One alert key. Its life (firing, resolved, flapping) says what an emission means; the ticket, the direct
 * messages and the duties towards the ticket each follow in a region of their own, so that none waits for another.
 */
export const alertMachine = setup({
  types: { input: {} as AlertInput, context: {} as AlertContext, events: {} as AlertEvent },
  actors: {
    fileTicket: fromPromise<FilingResult, { filingId: string; probe: boolean }>(() => unprovided('fileTicket')),
    settleDoubt: fromPromise<FilingResult, { filingId: string }>(() => unprovided('settleDoubt')),
    keepTicket: fromPromise<ChoreResult, Chore>(() => unprovided('keepTicket')),
    sendDm: fromPromise<DmResult, DmRequest>(() => unprovided('sendDm')),
  },
  actions: {
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    intend: (_, _filings: FilingIntent[]) => unprovided('intend'),
    withdraw: (_, _filingIds: string[]) => unprovided('withdraw'),
    tell: (_, _messages: Tell[]) => unprovided('tell'),
    set: assign((_, change: Partial<AlertContext>) => change),
  },
  guards: {
    rises: ({ context }, event: EmittedEvent) => life.rises(context, event),
    isNewId: ({ context }, event: EmittedEvent) => life.isNewId(context, event),
    flaps: ({ context }, event: EmittedEvent) => life.flaps(context, event),
    flagChanges: ({ context }, event: EmittedEvent) => event.auto !== context.auto,
    isUnknownId: ({ context }, alertId: string) => !context.ids.includes(alertId),
    othersFire: ({ context }) => context.ids.length > 1,
    isFlapping: ({ context }) => context.flapping,
    isOver: ({ context }) => !context.active,
    hasTicket: ({ context }) => context.ticket !== null,
    isBelowThreshold: ({ context }) => context.severity === 'P3',
    flagIsOff: ({ context }) => !context.auto,
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isRefusedFor: (_, { result, reason }: { result: FilingResult; reason: string }) => ticket.refusal(result) === reason,
    isDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    isUnwanted: ({ context }) => !context.active || context.filing?.episode !== context.episode,
    isOwnFault: (_, result: FilingResult) => result.outcome === 'failed' && result.own,
    dmsWait: ({ context }) => context.dms.length > 0,
    choresWait: ({ context }) => context.chores.length > 0,
    isGrouped: (_, result: DmResult) => result.outcome === 'grouped',
  },
  delays: { flapWindow: ({ context }) => context.flapWindowMs },
}).createMachine({
  id: 'alert',
  type: 'parallel',
  context: ({ input }) => life.blank(input?.id ?? ''),
  states: {
    life: {
      initial: 'quiet',
      states: {
        quiet: {
          on: {
            EMITTED: {
              target: 'firing',
              actions: [
                { type: 'set', params: ({ context, event }) => life.opened(context, event) },
                raise(({ event }) => ({ type: 'OPENED', at: instantOf(event) })),
              ],
            },
          },
        },
        firing: {
          on: {
            EMITTED: [
              {
                guard: { type: 'isNewId', params: ({ event }) => event },
                actions: [
                  { type: 'audit', params: ({ context, event }) => life.collision(context, event) },
                  { type: 'set', params: ({ context, event }) => life.joined(context, event) },
                  raise(({ event }) => event),
                ],
              },
              {
                guard: { type: 'rises', params: ({ event }) => event },
                actions: [
                  { type: 'set', params: ({ event }) => life.worsened(event) },
                  raise(({ event }) => ({ type: 'ESCALATED', at: instantOf(event) })),
                  raise(({ event }) => event),
                ],
              },
              {
                guard: { type: 'flagChanges', params: ({ event }) => event },
                actions: [
                  { type: 'set', params: ({ event }) => ({ auto: event.auto }) },
                  raise(({ event }) => ({ type: 'FLAG_CHANGED', at: instantOf(event) })),
                ],
              },
            ],
            RESOLVED: [
              { guard: { type: 'isUnknownId', params: ({ event }) => event.alertId } },
              { guard: 'othersFire', actions: { type: 'set', params: ({ context, event }) => life.left(context, event) } },
              { guard: 'isFlapping', target: 'cooling', actions: { type: 'set', params: { ids: [] } } },
              {
                target: 'resolved',
                actions: [
                  { type: 'set', params: life.ended },
                  raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: event.reason })),
                ],
              },
            ],
          },
        },
        // Flapping: it stays one episode until it has been quiet for a whole window.
        cooling: {
          on: {
            EMITTED: {
              target: 'firing',
              actions: [{ type: 'set', params: ({ event }) => life.resumed(event) }, raise(({ event }) => event)],
            },
          },
          after: {
            flapWindow: {
              target: 'resolved',
              actions: [
                { type: 'set', params: { ...life.ended, flapping: false } },
                raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: 'quiet after flapping' })),
              ],
            },
          },
        },
        resolved: {
          on: {
            EMITTED: [
              {
                guard: { type: 'flaps', params: ({ event }) => event },
                target: 'firing',
                actions: [
                  { type: 'set', params: ({ event }) => life.resumed(event) },
                  raise(({ event }) => ({ type: 'RESUMED', at: instantOf(event) })),
                  raise(({ event }) => event),
                ],
              },
              {
                target: 'firing',
                actions: [
                  { type: 'set', params: ({ context, event }) => life.opened(context, event) },
                  raise(({ event }) => ({ type: 'OPENED', at: instantOf(event) })),
                ],
              },
            ],
          },
        },
      },
    },

    ticket: {
      initial: 'none',
      states: {
        none: { on: { OPENED: 'deciding', RESUMED: 'deciding' } },
        deciding: {
          always: [
            { guard: 'isOver', target: 'none' },
            { guard: 'hasTicket', target: 'ticketed' },
            { guard: 'isBelowThreshold', target: 'belowThreshold' },
            { guard: 'flagIsOff', target: 'flagOff' },
            {
              target: 'filing',
              actions: [
                { type: 'set', params: ({ context }) => ticket.begun(context) },
                { type: 'intend', params: ({ context }) => ticket.intent(context) },
              ],
            },
          ],
        },
        belowThreshold: {
          entry: [
            { type: 'audit', params: ({ context }) => ticket.skippedAudit(context, 'below_threshold') },
            { type: 'set', params: ({ context }) => ticket.skipped(context, 'below_threshold') },
          ],
          on: { ESCALATED: 'deciding', ENDED: 'none', OPENED: 'deciding' },
        },
        flagOff: {
          entry: [
            { type: 'audit', params: ({ context }) => ticket.skippedAudit(context, 'flag_off') },
            { type: 'set', params: ({ context }) => ticket.skipped(context, 'flag_off') },
          ],
          on: { FLAG_CHANGED: 'deciding', ENDED: 'none', OPENED: 'deciding' },
        },
        filing: {
          invoke: {
            id: 'file',
            src: 'fileTicket',
            input: ({ context }) => ({ filingId: context.filing?.filingId ?? '', probe: context.probe }),
            onDone: [
              {
                guard: { type: 'isFiled', params: ({ event }) => event.output },
                target: 'deciding',
                actions: [
                  { type: 'audit', params: ({ context, event }) => ticket.filedAudit(context, event.output) },
                  { type: 'tell', params: ({ event }) => ticket.deskWorks(event.output) },
                  { type: 'set', params: ({ context, event }) => ticket.kept(context, event.output, event) },
                  { type: 'set', params: ({ context }) => (context.ticket ? life.dm(context, 'ticket') : {}) },
                ],
              },
              {
                guard: { type: 'isRefusedFor', params: ({ event }) => ({ result: event.output, reason: 'flag_off' }) },
                target: 'flagOff',
                actions: { type: 'set', params: { filing: null, auto: false } },
              },
              {
                guard: { type: 'isRefusedFor', params: ({ event }) => ({ result: event.output, reason: 'storm' }) },
                target: 'stormed',
                actions: { type: 'set', params: { filing: null } },
              },
              {
                guard: { type: 'isRefusedFor', params: ({ event }) => ({ result: event.output, reason: 'silent' }) },
                target: 'silent',
                actions: { type: 'set', params: { filing: null } },
              },
              {
                guard: { type: 'isRefusedFor', params: ({ event }) => ({ result: event.output, reason: 'withdrawn' }) },
                target: 'deciding',
                actions: { type: 'set', params: { filing: null } },
              },
              {
                guard: { type: 'isOwnFault', params: ({ event }) => event.output },
                target: 'rejected',
                actions: { type: 'set', params: { filing: null } },
              },
              {
                guard: { type: 'isDoubt', params: ({ event }) => event.output },
                target: 'doubtful',
                actions: { type: 'tell', params: ticket.deskDoubted },
              },
              {
                guard: 'isUnwanted',
                target: 'deciding',
                actions: [{ type: 'withdraw', params: ({ context }) => ticket.current(context) }, { type: 'set', params: { filing: null } }],
              },
              {
                target: 'waiting',
                actions: { type: 'tell', params: ({ context, event }) => ticket.deskFailed(context, event.output) },
              },
            ],
            onError: { target: 'rejected', actions: { type: 'set', params: { filing: null } } },
          },
          // Nobody wants it any more: nothing is posted from now on, but what may have been posted is still looked for.
          on: { ENDED: { actions: { type: 'withdraw', params: ({ context }) => ticket.current(context) } } },
        },
        // Posted perhaps: looked for until the doubt is over, and never posted again before that.
        doubtful: {
          invoke: {
            id: 'settle',
            src: 'settleDoubt',
            input: ({ context }) => ({ filingId: context.filing?.filingId ?? '' }),
            onDone: [
              {
                guard: { type: 'isFiled', params: ({ event }) => event.output },
                target: 'deciding',
                actions: [
                  { type: 'audit', params: ({ context, event }) => ticket.filedAudit(context, event.output) },
                  { type: 'tell', params: ({ event }) => ticket.deskWorks(event.output) },
                  { type: 'set', params: ({ context, event }) => ticket.kept(context, event.output, event) },
                  { type: 'set', params: ({ context }) => (context.ticket ? life.dm(context, 'ticket') : {}) },
                ],
              },
              {
                guard: 'isUnwanted',
                target: 'deciding',
                actions: [{ type: 'withdraw', params: ({ context }) => ticket.current(context) }, { type: 'set', params: { filing: null } }],
              },
              {
                target: 'waiting',
                actions: { type: 'tell', params: ({ context, event }) => ticket.deskFailed(context, event.output) },
              },
            ],
            onError: { target: 'rejected', actions: { type: 'set', params: { filing: null } } },
          },
          on: { ENDED: { actions: { type: 'withdraw', params: ({ context }) => ticket.current(context) } } },
        },
        // The help desk fails. One filing at a time tries for the whole fleet; the others wait for its word.
        waiting: {
          entry: [
            { type: 'audit', params: ({ context }) => ticket.skippedAudit(context, 'freescout_unavailable') },
            { type: 'set', params: ({ context }) => ticket.skipped(context, 'freescout_unavailable') },
          ],
          on: {
            TRY: { target: 'filing', actions: { type: 'set', params: ({ event }) => ({ probe: event.probe }) } },
            ENDED: {
              target: 'none',
              actions: [
                { type: 'withdraw', params: ({ context }) => ticket.current(context) },
                { type: 'tell', params: ({ context }) => ticket.deskLeft(context) },
                { type: 'set', params: { filing: null } },
              ],
            },
          },
        },
        ticketed: {
          on: {
            ESCALATED: { actions: { type: 'set', params: ({ context, event }) => life.note(context, life.severityNote(context, event)) } },
            ENDED: { actions: { type: 'set', params: ({ context, event }) => life.note(context, life.resolvedNote(context, event)) } },
            OPENED: 'deciding',
          },
        },
        // Too many tickets from one source: named on the umbrella ticket instead.
        stormed: {
          entry: [
            { type: 'audit', params: ({ context }) => ticket.skippedAudit(context, 'storm') },
            { type: 'set', params: ({ context }) => ticket.skipped(context, 'storm') },
            { type: 'tell', params: ({ context }) => ticket.joinUmbrella(context, 'TICKET_MEMBER') },
          ],
          on: { ENDED: 'none', OPENED: 'deciding' },
        },
        // The sender said nothing for so long that filing anew would be guessing; its next word decides again.
        silent: {
          entry: [
            { type: 'audit', params: ({ context }) => ticket.skippedAudit(context, 'silent') },
            { type: 'set', params: ({ context }) => ticket.skipped(context, 'silent') },
          ],
          on: { EMITTED: 'deciding', ENDED: 'none', OPENED: 'deciding' },
        },
        // The help desk refuses this very ticket; asking again the same way cannot help in this episode.
        rejected: {
          entry: [
            { type: 'audit', params: ({ context }) => ticket.skippedAudit(context, 'rejected') },
            { type: 'set', params: ({ context }) => ticket.skipped(context, 'rejected') },
          ],
          on: { ENDED: 'none', OPENED: 'deciding' },
        },
      },
    },

    dm: {
      initial: 'idle',
      on: {
        OPENED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'opened') } },
        RESUMED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'flapping') } },
        ESCALATED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'escalated') } },
        ENDED: { actions: { type: 'set', params: ({ context, event }) => life.dm(context, 'resolved', { at: event.at, reason: event.reason }) } },
      },
      states: {
        idle: { always: { guard: 'dmsWait', target: 'sending' } },
        sending: {
          invoke: {
            id: 'dm',
            src: 'sendDm',
            input: ({ context }) => context.dms[0] as DmRequest,
            onDone: [
              {
                guard: { type: 'isGrouped', params: ({ event }) => event.output },
                target: 'idle',
                actions: [
                  { type: 'tell', params: ({ context }) => ticket.joinUmbrella(context, 'DM_MEMBER') },
                  { type: 'set', params: ({ context }) => ({ dms: context.dms.slice(1) }) },
                ],
              },
              { target: 'idle', actions: { type: 'set', params: ({ context }) => ({ dms: context.dms.slice(1) }) } },
            ],
            onError: { target: 'idle', actions: { type: 'set', params: ({ context }) => ({ dms: context.dms.slice(1) }) } },
          },
        },
      },
    },

    upkeep: {
      initial: 'idle',
      states: {
        idle: { always: { guard: 'choresWait', target: 'working' } },
        working: {
          invoke: {
            id: 'chore',
            src: 'keepTicket',
            input: ({ context }) => context.chores[0] as Chore,
            onDone: {
              target: 'idle',
              actions: [
                { type: 'audit', params: ({ context, event }) => ticket.choreAudit(context, event.output) },
                { type: 'set', params: ({ context }) => ticket.choreDone(context) },
              ],
            },
            onError: { target: 'idle', actions: { type: 'set', params: ({ context }) => ticket.choreDone(context) } },
          },
        },
      },
    },
  },
});
