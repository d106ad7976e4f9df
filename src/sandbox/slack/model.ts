export interface SlackMessage {
  channel: string;
  /** Seconds and a counter, e.g. `1767225600.000100`; unique in its channel. */
  ts: string;
  thread_ts: string | null;
  text: string;
  blocks: unknown[];
  metadata: { event_type: string; event_payload: Record<string, unknown> } | null;
  /** Time stamp of the latest `chat.update`. */
  edited: string | null;
}

export interface SlackData {
  messages: SlackMessage[];
  /** Microseconds of the time stamp given last; the next one is always later. */
  lastTs: number;
}
