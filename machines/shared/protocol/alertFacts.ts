import type { Severity } from './severity.ts';

/** What a sender or a surface says about its alert; the ticket shows it. */
export interface AlertFacts {
  severity: Severity;
  /** One line of plain text. */
  title: string;
  /** Plain text, which may have several lines. */
  details: string | null;
  /** The sender's link for the alert. */
  url: string | null;
  /** The surface that the alert is about; null if it is about none that the console knows. */
  surfaceId: string | null;
  /** Its name when the alert was emitted. */
  surfaceName: string | null;
  /** The sender's labels and further links: a label whose value is a web address is shown as a link. */
  labels?: Record<string, string>;
}
