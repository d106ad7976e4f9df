import { assign, fromPromise, raise, setup } from 'xstate';
import {
  endedMeanwhile,
  filed,
  filedAfterAll,
  found,
  givenUp,
  heldBack,
  letGo,
  missed,
  refusedFor,
  skip,
  unwanted,
} from './alertAnswers.ts';
import * as dependents from './alertDependents.ts';
import * as life from './alertLife.ts';
import * as ticket from './alertTicket.ts';
import type { AlertContext, AlertEvent, AlertInput, EmittedEvent, FoundEvent } from './alertTypes.ts';
import {
  type Adoption,
  type AuditEntry,
  type Chore,
  type ChoreResult,
  type DmRequest,
  type DmResult,
  type FilingIntent,
  type FilingResult,
  HOLD_REASONS,
  type Hold,
  instantOf,
  type Tell,
} from './asks.ts';
import * as desk from './desk.ts';
import { unprovided } from './unprovided.ts';
import { upkeep } from './upkeep.ts';

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
    hold: (_, _holds: Hold[]) => unprovided('hold'),
    adopt: (_, _tickets: Adoption[]) => unprovided('adopt'),
    tell: (_, _messages: Tell[]) => unprovided('tell'),
    set: assign((_, change: Partial<AlertContext>) => change),
  },
  guards: {
    rises: ({ context }, event: EmittedEvent) => life.rises(context, event),
    isNewId: ({ context }, event: EmittedEvent) => life.isNewId(context, event),
    flaps: ({ context }, event: EmittedEvent) => life.flaps(context, event),
    holdChanges: ({ context }, event: EmittedEvent) => life.holdChanges(context, event),
    repeats: ({ context }, event: EmittedEvent) => life.repeats(context, event),
    isUnknownId: ({ context }, alertId: string) => !context.ids.includes(alertId),
    othersFire: ({ context }) => context.ids.length > 1,
    isThoughtStable: ({ context }) => !context.unstable,
    isFlapping: ({ context }) => context.flapping,
    isOver: ({ context }) => !context.active,
    goesOn: ({ context }) => context.active,
    isWanted: ({ context }, event: FoundEvent) => ticket.isWanted(context, event),
    hasTicket: ({ context }) => context.ticket !== null,
    isBelowThreshold: ({ context }) => context.severity === 'P3',
    isHeld: ({ context }) => context.held !== null,
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isRefusedFor: (_, { result, reason }: { result: FilingResult; reason: string }) =>
      ticket.refusal(result) === reason,
    isHold: (_, result: FilingResult) => HOLD_REASONS.includes(ticket.refusal(result)),
    isDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    isWithdrawn: ({ context }) => context.filing?.over !== null,
    wasRejected: ({ context }) => ticket.wasRejected(context),
    isLetter: ({ context }, filingId: string) => ticket.isLetter(context, filingId),
    wasSkippedFor: ({ context }, reason: string) => context.audited.includes(reason),
    isRejected: (_, reason: string) => reason === 'rejected',
    isOwnFault: (_, result: FilingResult) => result.outcome === 'failed' && result.own,
    dmsWait: ({ context }) => context.dms.length > 0,
    choresWait: ({ context }) => context.chores.length > 0,
    isGrouped: (_, result: DmResult) => result.outcome === 'grouped',
  },
  delays: { flapWindow: ({ context }) => context.flapWindowMs, reminder: 5 * 60_000, secondLook: 30_000 },
}).createMachine({
  id: 'alert',
  type: 'parallel',
  context: ({ input }) => life.blank(input?.id ?? ''),
  states: {
    life: {
      initial: 'quiet',
      on: {
        DEPENDENT: { actions: { type: 'set', params: ({ context, event }) => dependents.told(context, event) } },
      },
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
                ],
              },
              {
                guard: { type: 'holdChanges', params: ({ event }) => event },
                actions: [
                  { type: 'set', params: ({ event }) => life.hold(event) },
                  raise(({ event }) => ({ type: 'HOLD_CHANGED', at: instantOf(event) })),
                ],
              },
            ],
            IDS_UNSTABLE: {
              guard: 'isThoughtStable',
              actions: [
                { type: 'audit', params: ({ context, event }) => life.unstableAudit(context, event) },
                { type: 'set', params: ({ context, event }) => life.unstable(context, event) },
              ],
            },
            RESOLVED: [
              { guard: { type: 'isUnknownId', params: ({ event }) => event.alertId } },
              {
                guard: 'othersFire',
                actions: { type: 'set', params: ({ context, event }) => life.left(context, event) },
              },
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
                  { type: 'set', params: ({ event }) => ({ ...life.resumed(event), ...life.hold(event) }) },
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
      on: {
        FOUND: [
          {
            guard: { type: 'isWanted', params: ({ event }) => event },
            target: '.ticketed',
            actions: [
              { type: 'withdraw', params: ({ context }) => ticket.current(context) },
              { type: 'tell', params: ({ context }) => desk.left(ticket.me(context)) },
              ...found,
              { type: 'set', params: { filing: null } },
            ],
          },
          { actions: found },
        ],
      },
      states: {
        none: {
          on: {
            OPENED: 'deciding',
            RESUMED: 'deciding',
            RECONSIDER: {
              guard: 'goesOn',
              target: 'deciding',
              actions: { type: 'audit', params: ({ context }) => ticket.reconsideredAudit(context) },
            },
          },
        },
        // What was decided for good in this episode holds when it resumes: it never gets two tickets.
        deciding: {
          always: [
            { guard: 'isOver', target: 'none', actions: missed },
            { guard: 'hasTicket', target: 'ticketed' },
            { guard: 'isBelowThreshold', target: 'belowThreshold' },
            { guard: 'isHeld', target: 'heldBack' },
            { guard: 'wasRejected', target: 'rejected' },
            { guard: { type: 'wasSkippedFor', params: 'storm' }, target: 'stormed' },
            {
              target: 'filing',
              actions: [
                { type: 'set', params: ({ context }) => ticket.begun(context) },
                { type: 'intend', params: ({ context }) => ticket.intent(context) },
              ],
            },
          ],
        },
        belowThreshold: { entry: skip('below_threshold'), on: { ESCALATED: 'deciding', ENDED: 'none' } },
        // It deserves a ticket and gets none for now; once nothing holds it, its next emission files.
        heldBack: {
          entry: heldBack,
          on: {
            HOLD_CHANGED: { target: 'deciding', actions: letGo },
            ESCALATED: { target: 'deciding', actions: letGo },
            FOUND: [
              {
                guard: { type: 'isWanted', params: ({ event }) => event },
                target: 'ticketed',
                actions: [...letGo, ...found],
              },
              { actions: found },
            ],
            ENDED: {
              target: 'none',
              actions: { type: 'hold', params: ({ context }) => ticket.holdOver(context, 'ended') },
            },
          },
        },
        filing: {
          invoke: {
            id: 'file',
            src: 'fileTicket',
            input: ({ context }) => ({ filingId: context.filing?.filingId ?? '', probe: context.probe }),
            onDone: [
              filed,
              {
                guard: { type: 'isDoubt', params: ({ event }) => event.output },
                target: 'doubtful',
                actions: { type: 'tell', params: ({ event }) => desk.inDoubt(event.output) },
              },
              unwanted,
              {
                guard: { type: 'isHold', params: ({ event }) => event.output },
                target: 'heldBack',
                actions: { type: 'set', params: ({ event }) => ticket.stopped(event.output) },
              },
              refusedFor('storm', 'stormed'),
              refusedFor('silent', 'silent'),
              refusedFor('unstable_id', 'suspect'),
              refusedFor('withdrawn', 'deciding'),
              { guard: { type: 'isOwnFault', params: ({ event }) => event.output }, ...givenUp },
              {
                target: 'waiting',
                actions: { type: 'tell', params: ({ context, event }) => desk.fails(ticket.me(context), event.output) },
              },
            ],
            onError: [unwanted, givenUp],
          },
          // What is under way cannot be called back, so it goes on; two tickets are told as such.
          on: { ENDED: endedMeanwhile, FOUND: { actions: found } },
        },
        // Posted perhaps: looked for until the doubt is over, and never posted again before that.
        doubtful: {
          invoke: {
            id: 'settle',
            src: 'settleDoubt',
            input: ({ context }) => ({ filingId: context.filing?.filingId ?? '' }),
            onDone: [filedAfterAll, unwanted, { target: 'filing', actions: { type: 'set', params: { probe: false } } }],
            onError: [unwanted, givenUp],
          },
          on: { ENDED: endedMeanwhile, FOUND: { actions: found } },
          initial: 'looking',
          states: {
            // A doubt that lasts means that nobody can look: the help desk still fails.
            looking: {
              after: {
                reminder: { target: 'looking', reenter: true, actions: { type: 'tell', params: desk.doubted } },
              },
            },
          },
        },
        // The help desk fails. One filing at a time tries for the whole fleet; the others wait for its word.
        waiting: {
          entry: skip('freescout_unavailable'),
          on: {
            TRY: { target: 'filing', actions: { type: 'set', params: ({ event }) => ({ probe: event.probe }) } },
            ENDED: {
              target: 'deciding',
              actions: [
                { type: 'withdraw', params: ({ context }) => ticket.current(context) },
                { type: 'tell', params: ({ context }) => desk.left(ticket.me(context)) },
                { type: 'set', params: { filing: null } },
              ],
            },
          },
          after: {
            reminder: {
              target: 'waiting',
              reenter: true,
              actions: { type: 'tell', params: ({ context }) => desk.stillWaits(ticket.me(context)) },
            },
          },
        },
        ticketed: {
          on: {
            ESCALATED: { actions: { type: 'set', params: ({ context, event }) => life.noteSeverity(context, event) } },
            ENDED: { actions: { type: 'set', params: ({ context, event }) => life.noteResolved(context, event) } },
            OPENED: 'deciding',
          },
        },
        // Too many tickets from one source: named on the umbrella ticket instead.
        stormed: {
          entry: [
            ...skip('storm'),
            { type: 'tell', params: ({ context }) => ticket.joinUmbrella(context, 'TICKET_MEMBER') },
            // The message that names many names it too, even where it had a message of its own.
            { type: 'tell', params: ({ context }) => ticket.joinUmbrella(context, 'DM_MEMBER') },
          ],
          on: {
            UNLISTED: [
              {
                guard: { type: 'isRejected', params: ({ event }) => event.reason },
                target: 'rejected',
                actions: {
                  type: 'set',
                  params: ({ context, event }) => ticket.buriedTogether(context, event.filingId),
                },
              },
              {
                target: 'heldBack',
                actions: { type: 'set', params: ({ event }) => ticket.heldFor(event.reason) },
              },
            ],
            ENDED: {
              target: 'none',
              actions: { type: 'tell', params: ({ context }) => ticket.leaveUmbrella(context) },
            },
          },
        },
        // The sender said nothing for so long that filing anew would be guessing; its next word decides again.
        silent: {
          entry: skip('silent'),
          on: {
            EMITTED: { guard: { type: 'repeats', params: ({ event }) => event }, target: 'deciding' },
            ESCALATED: 'deciding',
            HOLD_CHANGED: 'deciding',
            ENDED: 'none',
          },
        },
        // Perhaps an alert that has its ticket, under a new id: its next word decides, or that there is none for a while.
        suspect: {
          entry: skip('unstable_id'),
          on: {
            EMITTED: { guard: { type: 'repeats', params: ({ event }) => event }, target: 'deciding' },
            ESCALATED: 'deciding',
            HOLD_CHANGED: 'deciding',
            ENDED: 'none',
          },
          after: { secondLook: 'deciding' },
        },
        // The help desk refuses this very ticket; asking again the same way cannot help. A person may ask in another.
        rejected: {
          entry: skip('rejected'),
          on: {
            REPLAYED: {
              guard: { type: 'isLetter', params: ({ event }) => event.filingId },
              target: 'deciding',
              actions: { type: 'set', params: ({ context, event }) => ticket.replayed(context, event.words) },
            },
            ENDED: 'none',
          },
        },
      },
    },

    dm: {
      initial: 'idle',
      on: {
        OPENED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'opened') } },
        RESUMED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'flapping') } },
        ESCALATED: { actions: { type: 'set', params: ({ context }) => life.dm(context, 'escalated') } },
        ENDED: {
          actions: {
            type: 'set',
            params: ({ context, event }) => life.dm(context, 'resolved', { at: event.at, reason: event.reason }),
          },
        },
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
                  { type: 'set', params: ({ context }) => life.dmOver(context) },
                ],
              },
              { target: 'idle', actions: { type: 'set', params: ({ context }) => life.dmOver(context) } },
            ],
            // Kept as a dead letter; the next message does not wait for it.
            onError: { target: 'idle', actions: { type: 'set', params: ({ context }) => life.dmOver(context) } },
          },
        },
      },
    },

    upkeep: upkeep({ audit: ticket.choreAudit, done: ticket.choreDone }),
  },
});
