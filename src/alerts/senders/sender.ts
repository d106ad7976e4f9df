import type { Severity } from '../../../machines/shared/protocol.ts';

/** What every adapter for a sender of alerts implements. */

/** A stored request, with the content encoding of its body removed. */
export interface SenderRequest {
  method: string;
  /** What follows the source in the address, such as `v2/alerts/disk/close`. */
  rest: string;
  query: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** What the surfaces file says about the source of a request. */
export interface SourceSettings {
  /** The sender's words for a severity, folded to lower case. */
  severity: Readonly<Record<string, Severity | 'none'>>;
  /** The label whose value names the surface. */
  surfaceLabel: string;
  /** Surface ids by the value of that label. */
  surfaces: Readonly<Record<string, string>>;
  /** A JSONata expression, for the sender `generic`. */
  mapping: string | null;
  /** The template of titles; left out if alerts keep their own. */
  title?: string;
}

/** One alert as its sender means it. Everything but `identity` and `status` may be missing. */
export interface SentAlert {
  /** The sender's own identity of this alert; `alert_id` is derived from it. */
  identity: readonly unknown[];
  status: 'firing' | 'resolved';
  /** It has news of an alert that is active, and opens none. */
  onlyIfActive?: boolean;
  /** The sender's word. */
  severity?: unknown;
  title?: unknown;
  details?: unknown;
  url?: unknown;
  startsAt?: unknown;
  endsAt?: unknown;
  /** When the sender said this. */
  at?: unknown;
  labels?: Readonly<Record<string, unknown>>;
  /** Addresses for the ticket, by what they lead to, such as `runbook`. */
  links?: Readonly<Record<string, unknown>>;
  /** Where the sender names the surface itself. */
  surface?: unknown;
}

/** What a request says besides its alerts. It is audited and shown with the source. */
export type Notice =
  /** The sender left out so many alerts; nothing is known about them, so nothing of theirs is resolved. */
  | { kind: 'truncated'; alerts: number }
  /** A person acknowledged the alert at the sender. */
  | { kind: 'acknowledged'; identity: readonly unknown[] };

export interface Reading {
  alerts: readonly SentAlert[];
  notices?: readonly Notice[];
  /** How many other alerts of the request cannot be used. */
  refused?: number;
}

/** The request cannot be understood. The message says why, for the person who reads the dead letter. */
export class NotUnderstood extends Error {}

/** It took too long to read the request. The process may have been paused meanwhile, so that another try may succeed. */
export class TookTooLong extends NotUnderstood {}

export type SenderMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface Sender {
  name: string;
  /** As its makers write it. */
  title: string;
  methods: readonly SenderMethod[];
  /** `once`: it sends an alert once; `interval`: it repeats active alerts. */
  repeats: 'once' | 'interval' | 'unknown';
  /** Some clients of its protocol repeat active alerts after hours, as Alertmanager does. */
  clientsMayRepeat?: true;
  /** Its ids are those of the alerts themselves, so they never change with each emission. */
  keepsIds: boolean;
  /** Whether it tries again when it is told to slow down; otherwise it is told that the service is unavailable. */
  retriesOn429: boolean;
  /** The answer to a request that was stored. */
  accepted(request: SenderRequest, id: string): { status: number; body: Record<string, unknown> };
  /** Throws NotUnderstood. Pure, except that a mapping may take its time. */
  read(request: SenderRequest, settings: SourceSettings): Reading | Promise<Reading>;
  /** Headers to store with the request when a person corrects it. */
  keptOnEdit?(request: SenderRequest): Record<string, string>;
  /** The request that the sender would send for this alert; null if it depends on a mapping. */
  sample(status: 'firing' | 'resolved', title: string): Pick<SenderRequest, 'method' | 'headers' | 'body'> | null;
  /** The configuration to paste. */
  block(address: { url: string; source: string }): string;
}

/** 202: stored, and worked on afterwards. */
export const accepted = (): { status: number; body: Record<string, unknown> } => ({
  status: 202,
  body: { accepted: true },
});
