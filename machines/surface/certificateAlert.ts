import type { SurfaceEmission } from '../shared/protocol.ts';
import type { Certificate, SurfaceContext } from './types.ts';

/** The alert about a certificate that expires soon. Pure. */

type Change = Partial<SurfaceContext>;

export const emitted = ({ certificate }: SurfaceContext): Change => ({ certificateAlerting: certificate ?? null });

export const forgotten = ({ certificate, certificateAlerting }: SurfaceContext): Change => ({
  ...(certificate && { certificate: null }),
  ...(certificateAlerting && { certificateAlerting: null }),
});

/** The surface has another certificate or none, or the same one is not due any more. */
export const isRenewed = ({ certificate, certificateAlerting }: SurfaceContext): boolean =>
  !certificate?.soon || (!!certificateAlerting && certificateAlerting.expiresAt !== certificate.expiresAt);

export const certificateFiring = (context: SurfaceContext): SurfaceEmission[] =>
  context.certificate ? [emission(context, context.certificate, 'firing')] : [];

/** Nothing if no alert was emitted. */
export const certificateResolved = (context: SurfaceContext): SurfaceEmission[] =>
  context.certificateAlerting ? [emission(context, context.certificateAlerting, 'resolved')] : [];

/** The surface is not watched any more. */
export const certificateRemoved = (context: SurfaceContext): SurfaceEmission[] =>
  certificateResolved(context).map(
    (each): SurfaceEmission => ({ ...each, reason: 'surface taken out of the file', final: true }),
  );

/** The instant of expiry is the identity: each certificate has one alert. */
function emission(
  { surfaceId, name }: SurfaceContext,
  { expiresAt }: Certificate,
  status: 'firing' | 'resolved',
): SurfaceEmission {
  return {
    surfaceId,
    surfaceName: name,
    confirmedAt: `certificate ${expiresAt}`,
    status,
    severity: 'P3',
    title: `The certificate of ${name} expires on ${expiresAt.slice(0, 10)}`,
    details: null,
    reason: null,
  };
}
