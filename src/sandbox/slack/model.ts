export interface SlackMessage {
  channel: string;
  /** Seconds and a counter, e.g. `1767225600.000100`; unique within its channel. */
  ts: string;
  thread_ts: string | null;
  text: string;
  blocks: unknown[];
  metadata: { event_type: string; event_payload: Record<string, unknown> } | null;
  /** Timestamp of the latest `chat.update`. */
  edited: string | null;
}

export interface SlackData {
  messages: SlackMessage[];
  /** The latest timestamp in microseconds; the next one is always later. */
  lastTs: number;
}
