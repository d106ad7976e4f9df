/** The conversations of the sandbox besides the direct messages to its first person. */

interface Place {
  /** What a message may be addressed to: a channel, or a person. */
  address: string;
  channel: string;
  label: string;
}

const PLACES: readonly Place[] = [
  { address: 'C0INCIDENTS', channel: 'C0INCIDENTS', label: 'in #incidents' },
  { address: 'C0ALERTS', channel: 'C0ALERTS', label: 'in #alerts' },
  { address: 'U0ONCALL', channel: 'D0ONCALL', label: 'to U0ONCALL' },
];

/** The conversation to which this id of a channel or person belongs. */
export const placeOf = (id: unknown): string | undefined =>
  PLACES.find(({ address, channel }) => address === id || channel === id)?.channel;

/** Where a message is, for people; null for the direct messages to the first person. */
export const labelOf = (channel: string): string | null =>
  PLACES.find((place) => place.channel === channel)?.label ?? null;
