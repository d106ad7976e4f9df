/** Silences: while one matches an alert, its ticket and its messages are held back. */

/** What an alert must have. Each value is a pattern in which `*` stands for any text; all of them must fit. */
export interface SilenceMatchers {
  source?: string | undefined;
  surface_id?: string | undefined;
  alert_key?: string | undefined;
  labels?: Record<string, string> | undefined;
}

export interface NewSilence {
  matchers: SilenceMatchers;
  until: Date;
  reason: string;
}

export interface Silence {
  id: string;
  matchers: SilenceMatchers;
  reason: string;
  state: 'active' | 'ended';
  until: string;
  created_at: string;
  created_by: string;
  /** Who ended it early, and when; null if nobody did. */
  ended_at: string | null;
  ended_by: string | null;
  /** How many active alerts it holds back now, counted up to a thousand; null once it has ended. */
  alerts: number | null;
}

/** The silence of an alert, as the alert shows it. */
export interface Silenced {
  id: string;
  until: string;
  reason: string;
  by: string;
}
