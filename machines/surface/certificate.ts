import { certificateFiring, certificateRemoved, certificateResolved } from './certificateAlert.ts';
import { surfaceSetup } from './setup.ts';
import type { SurfaceContext } from './types.ts';

const remove = [
  { type: 'emitAlert', params: ({ context }: { context: SurfaceContext }) => certificateRemoved(context) },
  'forgetCertificate',
] as const;

/** The certificate of the surface: a P3 while it expires soon. Its alert is apart from those of outages. */
export const certificateRegion = surfaceSetup.createStateConfig({
  initial: 'valid',
  states: {
    valid: {
      description: 'The certificate does not expire soon, or no check has seen one.',
      always: { guard: 'certificateExpires', target: 'expiring' },
      on: { REMOVED: { actions: remove } },
    },
    expiring: {
      description:
        'The certificate expires soon. Every check emits the alert again; under maintenance none does. It ends ' +
        'when a check finds a certificate that is valid for longer, or an answer without TLS. A certificate that is met ' +
        'again after that is flapping: its alert ends when it was not met for as long as a flapping surface must stay up.',
      on: {
        REMOVED: { target: 'valid', actions: remove },
        COUNTED: [
          {
            guard: 'certificateIsRenewed',
            target: 'valid',
            actions: [
              { type: 'emitAlert', params: ({ context }) => certificateResolved(context) },
              'endCertificateAlert',
            ],
          },
          {
            guard: 'inService',
            actions: [
              { type: 'emitAlert', params: ({ context }) => certificateFiring(context) },
              'recordCertificateEmission',
            ],
          },
        ],
      },
    },
  },
});
