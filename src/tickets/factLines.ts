import type { AlertFacts } from '../../machines/shared/protocol.ts';
import { escaped, foreignLink, type Line } from './html.ts';
import { cut } from './subject.ts';

/** What a sender says about its alert, as lines of a ticket or a note; null if it says nothing. */

/** In characters. Even if each of them is escaped, the rest of the body stays within what FreeScout shows. */
const DETAILS_LENGTH = 10_000;

export const detailsLine = ({ details }: Pick<AlertFacts, 'details'>): Line =>
  details && escaped(cut(details, DETAILS_LENGTH)).replace(/\r?\n/g, '<br>');

export const surfaceLine = ({ surfaceId, surfaceName }: Pick<AlertFacts, 'surfaceId' | 'surfaceName'>): Line =>
  surfaceId && `Surface: ${escaped(surfaceName ?? surfaceId)} (${escaped(surfaceId)})`;

export const senderLine = ({ url }: Pick<AlertFacts, 'url'>): Line =>
  url && `Link from the sender: ${foreignLink(url)}`;
