import { raise } from 'xstate';
import { instantOf } from '../shared/protocol.ts';
import { finalResolution, outageEmission, resolution } from './emissions.ts';
import { surfaceSetup } from './setup.ts';

/** The status of the surface, from its checks: it changes when enough of them in a row agree. */
export const healthRegion = surfaceSetup.createStateConfig({
  initial: 'unknown',
  on: {
    CHECKED: {
      actions: [
        { type: 'countCheck', params: ({ event }) => event },
        raise(({ event }) => ({ type: 'COUNTED', at: instantOf(event) })),
      ],
    },
    // The outage ends without a recovery: its alert is resolved with this reason, and no ticket of a click gets a note. So
    // is the alert of a flapping surface that is up, which would wait for it to stay up.
    REMOVED: {
      target: '.unknown',
      actions: [
        { type: 'emitAlert', params: ({ context }) => finalResolution(context, 'surface taken out of the file') },
        'forgetChecks',
      ],
    },
  },
  states: {
    unknown: {
      description:
        'Never checked, or removed from the surfaces file. It is not shown as operational, and resolves nothing.',
      entry: { type: 'setStatus', params: 'UNKNOWN' },
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'wasUp', target: 'operational' },
        { guard: 'wasBad', target: 'suspect' },
      ],
    },

    operational: {
      description:
        'The last check was up; after an outage, as many in a row as the settings require. Bad checks change the ' +
        'status only when there are enough of them in a row.',
      entry: { type: 'setStatus', params: 'OPERATIONAL' },
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'isUnstable', target: 'outage.unstable' },
        { guard: 'wasBad', target: 'suspect' },
      ],
    },

    suspect: {
      description: 'Bad checks, but not enough in a row. The status stays what it was, and nothing is emitted.',
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'isUnstable', target: 'outage.unstable' },
        { guard: 'wasUp', target: 'operational' },
      ],
    },

    outage: {
      description:
        'Every bad check emits the alert again, so that a lost emission does no harm. A good check must not emit it, ' +
        'because that could file a ticket, which a dependency held back, just before the recovery. Under maintenance ' +
        'nothing is emitted. A status that raises no alert resolves the alert of another status; if that one comes ' +
        'back, it counts as a further outage. A recovery adds a note to each ticket that a click filed. It never closes a ticket: that ' +
        'is up to a person.',
      initial: 'degraded',
      // A recovery adds a note to each ticket that a click filed. It never closes a ticket: that is up to a person.
      always: {
        guard: 'hasRecovered',
        target: 'operational',
        actions: [{ type: 'emitAlert', params: ({ context }) => resolution(context, null) }, 'endOutage'],
      },
      on: {
        COUNTED: {
          guard: 'mustEmit',
          actions: [
            'countOutage',
            { type: 'emitAlert', params: ({ context }) => outageEmission(context) },
            'recordEmission',
          ],
        },
      },
      states: {
        degraded: {
          description:
            'Slow checks, or slow and failed checks mixed. A surface that gets worse keeps its alert, at the ' +
            'severity of the new status.',
          entry: { type: 'setOutage', params: 'DEGRADED' },
          always: { guard: 'downConfirmed', target: 'down' },
        },
        down: {
          description: 'Failed checks. The outage ends when enough checks in a row are up.',
          entry: { type: 'setOutage', params: 'DOWN' },
          always: { guard: 'slowConfirmed', target: 'degraded' },
        },
        unstable: {
          description:
            'At least half of the recent checks failed, but never enough in a row. The outage ends when enough checks ' +
            'in a row are up and less than half of the recent ones failed, or at the next good one if unstable_window is 0 now.',
          entry: 'setUnstable',
          exit: 'clearUnstable',
          always: [
            { guard: 'downConfirmed', target: 'down' },
            { guard: 'badConfirmed', target: 'degraded' },
          ],
        },
      },
    },
  },
});
