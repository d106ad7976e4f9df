import type { SurfaceEmission } from '../shared/protocol.ts';
import { flapHoldMs } from './outages.ts';
import type { Certificate, SurfaceContext } from './types.ts';

/** The alert about a certificate that expires soon. Pure. */

type Change = Partial<SurfaceContext>;
type Identity = Pick<Certificate, 'expiresAt'>;

export const emitted = ({ certificate }: SurfaceContext): Change => ({ certificateAlerting: certificate ?? null });

export const forgotten = ({ certificate, certificateAlerting, certificatesEnded }: SurfaceContext): Change => ({
  ...(certificate && { certificate: null }),
  ...(certificateAlerting && { certificateAlerting: null }),
  ...(certificatesEnded && { certificatesEnded: [] }),
});

/** So many certificates are remembered: of as many servers with different ones, each is known when it answers again. */
const MAX_REMEMBERED = 5;

/** The alert is over, because the certificate was renewed. */
export function ended({ certificateAlerting, certificatesEnded = [] }: SurfaceContext): Change {
  if (!certificateAlerting) return {};
  const others = certificatesEnded.filter((expiresAt) => expiresAt !== certificateAlerting.expiresAt);
  return {
    certificateAlerting: null,
    certificatesEnded: [...others, certificateAlerting.expiresAt].slice(-MAX_REMEMBERED),
  };
}

/** It was renewed, and is met again: one of several servers behind the address still has it, and answers now and then. */
const hasReturned = ({ certificatesEnded }: SurfaceContext, { expiresAt }: Identity): boolean =>
  certificatesEnded?.includes(expiresAt) === true;

/** The surface has another certificate or none, or the same one is not due any more. */
export const isRenewed = ({ certificate, certificateAlerting }: SurfaceContext): boolean =>
  !certificate?.soon || (!!certificateAlerting && certificateAlerting.expiresAt !== certificate.expiresAt);

export const certificateFiring = (context: SurfaceContext): SurfaceEmission[] =>
  context.certificate ? [emission(context, context.certificate, 'firing')] : [];

/** Nothing if no alert was emitted. */
export const certificateResolved = (context: SurfaceContext): SurfaceEmission[] =>
  context.certificateAlerting ? [emission(context, context.certificateAlerting, 'resolved')] : [];

/** The surface is not watched any more: every alert ends at once, also one that waits to be met again while it flaps. */
export function certificateRemoved(context: SurfaceContext): SurfaceEmission[] {
  const { certificateAlerting, certificatesEnded = [] } = context;
  const met = new Set([...certificatesEnded, ...(certificateAlerting ? [certificateAlerting.expiresAt] : [])]);
  return [...met].map((expiresAt) => ({
    ...emission(context, { expiresAt }, 'resolved'),
    reason: 'surface taken out of the file',
    final: true,
  }));
}

/** The instant of expiry is the identity: each certificate has one alert. */
function emission(context: SurfaceContext, certificate: Identity, status: 'firing' | 'resolved'): SurfaceEmission {
  const { surfaceId, name, policy } = context;
  const { expiresAt } = certificate;
  return {
    surfaceId,
    surfaceName: name,
    confirmedAt: `certificate ${expiresAt}`,
    status,
    severity: 'P3',
    title: `The certificate of ${name} expires on ${expiresAt.slice(0, 10)}`,
    details: null,
    reason: null,
    ...(policy.flap && hasReturned(context, certificate) && { flapHoldMs: flapHoldMs(context) }),
  };
}
