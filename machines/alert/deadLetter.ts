import { kindOf } from '../shared/actorId.ts';
import type { TicketText } from '../shared/protocol.ts';
import type { DeadLetter } from './records.ts';
import type { AlertContext } from './types.ts';

/** The dead letter of an episode: the filing that the help desk rejected, and its replay by a person. Pure. */

type Change = Partial<AlertContext>;

const ofThisEpisode = ({ letter, episode }: AlertContext): DeadLetter | null =>
  letter?.episode === episode ? letter : null;

export const isDeadLetter = (context: AlertContext, filingId: string): boolean =>
  ofThisEpisode(context)?.filingId === filingId;

/** Whether the rejection still counts: a replay asks for another try. */
export const wasRejected = (context: AlertContext): boolean =>
  context.audited.includes('rejected') && ofThisEpisode(context)?.replayed !== true;

/**
 * The subject and body of a replay hold for every later filing of the episode by the same actor: those of a ticket of the
 * alert alone do not name the other members of an umbrella ticket.
 */
export const replayWords = (context: AlertContext, filedBy: 'alert' | 'umbrella'): { words?: TicketText } => {
  const letter = ofThisEpisode(context);
  return letter?.words && kindOf(letter.filingId) === filedBy ? { words: letter.words } : {};
};

export const deadLettered = ({ filing }: AlertContext): Change =>
  filing ? { filing: null, letter: unreplayed(filing.filingId, filing.episode) } : {};

/** The filing of the umbrella was rejected, and its dead letter stands for every member. */
export const deadLetteredWithUmbrella = ({ episode }: AlertContext, filingId: string | null | undefined): Change =>
  filingId ? { letter: unreplayed(filingId, episode) } : {};

const unreplayed = (filingId: string, episode: number): DeadLetter => ({
  filingId,
  episode,
  replayed: false,
  words: null,
});

export function replayed(context: AlertContext, words: TicketText | null): Change {
  const letter = ofThisEpisode(context);
  return letter ? { letter: { ...letter, replayed: true, words } } : {};
}
