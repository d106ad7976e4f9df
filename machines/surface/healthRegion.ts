import { raise } from 'xstate';
import * as health from './health.ts';
import { surfaceSetup } from './setup.ts';

/** Is it well? What its checks come to, once they agree. */
export const healthRegion = surfaceSetup.createStateConfig({
  initial: 'unknown',
  on: {
    CHECKED: {
      actions: [
        { type: 'set', params: ({ context, event }) => health.counted(context, event) },
        raise({ type: 'COUNTED' }),
      ],
    },
    REMOVED: {
      target: '.unknown',
      actions: [
        { type: 'emitAlert', params: ({ context }) => health.resolves(context, 'surface taken out of the file') },
        { type: 'set', params: ({ context }) => health.forgotten(context) },
      ],
    },
  },
  states: {
    unknown: {
      entry: { type: 'set', params: ({ context, event }) => health.became(context, 'UNKNOWN', event) },
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'wasUp', target: 'operational' },
        { guard: 'wasBad', target: 'suspect' },
      ],
    },
    operational: {
      entry: { type: 'set', params: ({ context, event }) => health.became(context, 'OPERATIONAL', event) },
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'wasBad', target: 'suspect' },
      ],
    },
    // Failing, not yet often enough to say so: the status shown stays what it was.
    suspect: {
      always: [
        { guard: 'downConfirmed', target: 'outage.down' },
        { guard: 'badConfirmed', target: 'outage.degraded' },
        { guard: 'wasUp', target: 'operational' },
      ],
    },
    outage: {
      initial: 'degraded',
      always: {
        guard: 'upConfirmed',
        target: 'operational',
        actions: [
          { type: 'emitAlert', params: ({ context }) => health.resolves(context, null) },
          { type: 'set', params: ({ context, event }) => health.recovered(context, event) },
        ],
      },
      on: {
        // A standing fact, said again with every check: whoever missed it hears it the next time.
        COUNTED: {
          guard: 'inService',
          actions: [
            { type: 'emitAlert', params: ({ context }) => health.fails(context) },
            { type: 'set', params: ({ context }) => health.alertingNow(context) },
          ],
        },
      },
      states: {
        degraded: {
          entry: { type: 'set', params: ({ context, event }) => health.outage(context, 'DEGRADED', event) },
          always: { guard: 'downConfirmed', target: 'down' },
        },
        down: {
          entry: { type: 'set', params: ({ context, event }) => health.outage(context, 'DOWN', event) },
          always: { guard: 'slowConfirmed', target: 'degraded' },
        },
      },
    },
  },
});
