/** What the rest of the program knows about direct messages. Only `slack/` knows Slack. */

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

/** Where a message stands: the conversation and its time stamp, as Slack names them. */
export interface Sent {
  channel: string;
  ts: string;
}

/** Plain facts; the adapter decides how they look and escapes them. */
export interface DirectMessage {
  /** One line, e.g. "P1: API (production) is DOWN". */
  headline: string;
  /** Label and value pairs, shown in order. */
  facts: { label: string; value: string }[];
  links: { label: string; url: string }[];
}

export interface Messenger {
  /** Sends a direct message, or a reply in the thread of `replyTo`. The marker lets a lost one be found again. */
  send(message: DirectMessage, marker: string, options?: { replyTo?: Sent; signal?: AbortSignal }): Promise<Sent>;
  /** Rewrites a message already sent. */
  update(sent: Sent, message: DirectMessage, options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Looks for a message of ours that carries the marker and was sent in between by our clock, in the thread of `replyTo`
   * where it was a reply; null where there is none, `hidden` where Slack does not let us look, or not at all of it.
   */
  findByMarker(
    marker: string,
    between: { since: Date; until: Date },
    options?: { replyTo?: Sent; signal?: AbortSignal },
  ): Promise<Sent | 'hidden' | null>;
}
