import type { FilingRequest } from '../../machines/shared/protocol.ts';

/** The tags that a ticket of ours must carry. */

export const clickTags = (surfaceId: string): string[] => ['auto:status', `auto:status:${surfaceId}`];
const alertTags = (source: string): string[] => ['auto:alert', `auto:alert:${source}`];

export const tagsOf = (request: FilingRequest): string[] =>
  request.path === 'investigate' ? clickTags(request.surfaceId) : alertTags(request.source);

/** The same in SQL, as a JSON array, for a row `f` of `filings`. */
export const REQUIRED_TAGS = `case f.path
  when 'investigate' then jsonb_build_array('auto:status', 'auto:status:' || (f.request->>'surfaceId'))
  else jsonb_build_array('auto:alert', 'auto:alert:' || (f.request->>'source')) end`;
