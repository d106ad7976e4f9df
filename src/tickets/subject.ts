import type { FilingRequest } from '../../machines/shared/protocol.ts';

const SUBJECT_LENGTH = 200;
const NAME_LENGTH = 80;

/** The subject of a ticket, at most 200 characters: `[AT-XXXXXXXXXX] DOWN: name (id)`. */
export function subjectOf(marker: string, request: FilingRequest): string {
  switch (request.path) {
    case 'investigate':
      return subjectLine(`[${marker}] ${request.status}: `, request.surfaceName, ` (${request.surfaceId})`);
    case 'alert': {
      const { severity, title, surfaceId, surfaceName } = request;
      const front = `[${marker}] ${severity}: `;
      const id = surfaceId ? ` (${surfaceId})` : '';
      const subject = subjectLine(front, title, id);
      if (!surfaceName || subject.includes(surfaceName)) return subject;
      return subjectLine(front, title, ` - ${cut(surfaceName, NAME_LENGTH)}${id}`);
    }
    case 'umbrella':
      return subjectLine(`[${marker}] STORM: `, `many alerts from ${request.source}`, '');
  }
}

/** Operators search by surface, so a long middle part is cut and the surface at the end never is. */
export function subjectLine(front: string, middle: string, end: string): string {
  return `${front}${cut(oneLine(middle), SUBJECT_LENGTH - [...front].length - [...end].length)}${oneLine(end)}`;
}

/** Cuts between whole characters: FreeScout treats a body with half a surrogate pair as empty. */
export function cut(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ');
