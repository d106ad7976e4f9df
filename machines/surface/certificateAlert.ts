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
  context.certificate ? [emission(context, context.certificate, 'firing', null)] : [];

/** Nothing if no alert was emitted. */
export const certificateResolved = (context: SurfaceContext, reason: string | null): SurfaceEmission[] =>
  context.certificateAlerting ? [emission(context, context.certificateAlerting, 'resolved', reason)] : [];

/** The instant of expiry is the identity: each certificate has one alert. */
function emission(
  { surfaceId, name }: SurfaceContext,
  { expiresAt }: Certificate,
  status: 'firing' | 'resolved',
  reason: string | null,
): SurfaceEmission {
  return {
    surfaceId,
    surfaceName: name,
    confirmedAt: `certificate ${expiresAt}`,
    status,
    severity: 'P3',
    title: `The certificate of ${name} expires on ${expiresAt.slice(0, 10)}`,
    details: null,
    reason,
  };
}
