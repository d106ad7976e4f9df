import { raise } from 'xstate';
import { outageEmission, resolution } from './emissions.ts';
import { surfaceSetup } from './setup.ts';

/** The status of the surface, from its checks: it changes when enough of them in a row agree. */
export const healthRegion = surfaceSetup.createStateConfig({
  initial: 'unknown',
  on: {
    CHECKED: { actions: [{ type: 'countCheck', params: ({ event }) => event }, raise({ type: 'COUNTED' })] },
    // The outage ends without a recovery: its alert is resolved with this reason, and no ticket of a click gets a note.
    REMOVED: {
      target: '.unknown',
      actions: [
        { type: 'emitAlert', params: ({ context }) => resolution(context, 'surface taken out of the file') },
        'forgetChecks',
      ],
    },
  },
  states: {
    // Never checked, or removed. It is not shown as operational.
    unknown: {
      entry: { type: 'setStatus', params: 'UNKNOWN' },
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'wasUp', target: 'operational' },
        { guard: 'wasBad', target: 'suspect' },
      ],
    },

    operational: {
      entry: { type: 'setStatus', params: 'OPERATIONAL' },
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'wasBad', target: 'suspect' },
      ],
    },

    // Bad checks, but not enough in a row. The status stays what it was, and nothing is emitted.
    suspect: {
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'wasUp', target: 'operational' },
      ],
    },

    outage: {
      initial: 'degraded',
      // A recovery adds a note to each ticket that a click filed. It never closes a ticket: that is up to a person.
      always: {
        guard: 'upConfirmed',
        target: 'operational',
        actions: [{ type: 'emitAlert', params: ({ context }) => resolution(context, null) }, 'endOutage'],
      },
      on: {
        // Emitted again with every check, so that a lost emission does not matter. Under maintenance nothing is emitted.
        COUNTED: {
          guard: 'inService',
          actions: [{ type: 'emitAlert', params: ({ context }) => outageEmission(context) }, 'recordEmission'],
        },
      },
      states: {
        degraded: {
          entry: { type: 'setOutage', params: 'DEGRADED' },
          always: { guard: 'downConfirmed', target: 'down' },
        },
        down: {
          entry: { type: 'setOutage', params: 'DOWN' },
          always: { guard: 'slowConfirmed', target: 'degraded' },
        },
      },
    },
  },
});
