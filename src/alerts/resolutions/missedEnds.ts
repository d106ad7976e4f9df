import type { Deliver, Fence } from '../../actors/deliver.ts';
import type { Delivered, Message } from '../../actors/messages.ts';
import { isContention, isPartlyDelivered } from '../../db/contention.ts';
import { isDatabaseGone } from '../../db/databaseGone.ts';
import { type Judgement, opensEpisode, type Resolutions } from './resolutions.ts';

/** What came of the ends that resolutions brought about which overtook an emission during its delivery. */
export interface EndedMissed {
  delivered: readonly Delivered[];
  /** Actors of alerts of which it is not known whether they have ended. Sent again, the emission ends its alert. */
  unsure: ReadonlySet<string>;
  /** Null where nothing is unsure. */
  cause: unknown;
}

/**
 * Ends the alerts among those just delivered whose resolution arrived meanwhile. Their emissions are stored, so nothing
 * that fails here may lose an end: it is left for an actor that another transaction holds.
 */
export async function endMissed(
  deps: {
    resolutions: Pick<Resolutions, 'missedEnds'>;
    deliver: Deliver;
    /** Stores messages that are delivered later. */
    leave: (messages: readonly Message[], fence?: Fence) => Promise<void>;
  },
  { judgement, delivered, fence }: { judgement: Judgement; delivered: readonly Delivered[]; fence?: Fence | undefined },
): Promise<EndedMissed> {
  let ends: Message[] = [];
  try {
    ends = await deps.resolutions.missedEnds(judgement, delivered);
    return { delivered: await deps.deliver(ends, undefined, fence), ...CERTAIN };
  } catch (error) {
    if (ends.length === 0) {
      if (!isDatabaseGone(error)) throw error;
      const opened = delivered.filter(opensEpisode).map(({ message }) => message.to);
      return { delivered: [], unsure: new Set(opened), cause: error };
    }
    const partly = isPartlyDelivered(error) ? error : null;
    if (!partly && !isContention(error)) throw error;
    await deps.leave(partly?.undelivered ?? ends, fence);
    return { delivered: partly?.delivered ?? [], ...CERTAIN };
  }
}

const CERTAIN = { unsure: new Set<string>(), cause: null };
