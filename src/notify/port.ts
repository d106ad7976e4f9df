/** Direct messages as the rest of the program sees them. Only `slack/` knows Slack. */

export class MessageError extends Error {
  /** The same call may succeed later without anyone changing a setting. */
  readonly retryable: boolean;
  /** The message may have been delivered although no usable answer came back. */
  readonly inDoubt: boolean;
  readonly retryAfterMs: number | undefined;
  readonly code: string | undefined;

  constructor(
    message: string,
    facts: {
      retryable?: boolean;
      inDoubt?: boolean;
      retryAfterMs?: number | undefined;
      code?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'MessageError';
    this.retryable = facts.retryable ?? true;
    this.inDoubt = facts.inDoubt ?? false;
    this.retryAfterMs = facts.retryAfterMs;
    this.code = facts.code;
  }
}

/** The place of a message: conversation and time stamp, as Slack defines them. */
export interface Sent {
  channel: string;
  ts: string;
}

/** Plain text; the adapter formats and escapes it. */
export interface DirectMessage {
  /** One line, e.g. "P1: API (production) is DOWN". */
  headline: string;
  /** Labels and values, shown in this order. */
  facts: { label: string; value: string }[];
  links: { label: string; url: string }[];
}

/** Where a message goes. */
interface Address {
  /** The Slack id of a channel or person; null or left out: the person in SLACK_DM_USER_ID. */
  to?: string | null;
  /** The message in whose thread it is a reply. */
  replyTo?: Sent;
}

/** Operations throw MessageError and never retry. */
export interface Messenger {
  /** Sends a message, or a reply in a thread. By its marker a message in doubt can be found. */
  send(
    message: DirectMessage,
    marker: string,
    /** `mayLeave` is asked right before the message leaves; false if this process was suspended for too long. */
    options?: Address & { signal?: AbortSignal; mayLeave?: () => boolean },
  ): Promise<Sent>;
  /** Replaces the content of a sent message. */
  update(sent: Sent, message: DirectMessage, options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Finds our message with this marker that was sent between two instants of our clock; a reply is searched in its
   * thread. Null if there is none; `hidden` if Slack does not allow reading, or there is too much to read.
   */
  findByMarker(
    marker: string,
    between: { since: Date; until: Date },
    options?: Address & { signal?: AbortSignal },
  ): Promise<Sent | 'hidden' | null>;
}
