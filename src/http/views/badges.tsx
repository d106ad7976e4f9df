import type { ComponentChildren, JSX } from 'preact';
import type { Severity } from '../../../machines/shared/protocol.ts';
import type { SurfaceStatus } from '../../model/surfaces.ts';

const SHAPES: Record<SurfaceStatus, JSX.Element> = {
  OPERATIONAL: (
    <>
      <circle cx="8" cy="8" r="6.75" />
      <path d="m5 8.2 2.1 2.1L11.2 6" />
    </>
  ),
  DEGRADED: (
    <>
      <path d="M8 1.8 15 14H1Z" />
      <path d="M8 6.4v3.4M8 11.9v.1" />
    </>
  ),
  DOWN: (
    <>
      <path class="filled" d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2Z" />
      <path class="on-filled" d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" />
    </>
  ),
  MAINTENANCE: (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" rx="2" />
      <path d="M6.2 5.2v5.6M9.8 5.2v5.6" />
    </>
  ),
  UNKNOWN: (
    <>
      <circle cx="8" cy="8" r="6.75" stroke-dasharray="2.6 2" />
      <path d="M6.2 6.3a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.6-.8 1.2M8 11.6v.1" />
    </>
  ),
};

/** Status as shape, colour and word, each of which is sufficient by itself. */
export function StatusBadge({ status }: { status: SurfaceStatus }): JSX.Element {
  return (
    <span class={`status ${status.toLowerCase()}`}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
        {SHAPES[status]}
      </svg>
      {status}
    </span>
  );
}

/** The shape alone, for lists in which most surfaces have the same status; its word is for screen readers. */
export function StatusShape({ status }: { status: SurfaceStatus }): JSX.Element {
  return (
    <span class={`status ${status.toLowerCase()}`} title={status}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
        {SHAPES[status]}
      </svg>
      <span class="sr-only">{status}</span>
    </span>
  );
}

export function SeverityBadge({ severity }: { severity: Severity }): JSX.Element {
  return <span class={`severity ${severity.toLowerCase()}`}>{severity}</span>;
}

type Tone = 'good' | 'bad' | 'warn' | 'calm';

export function Tag({ tone = 'calm', children }: { tone?: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`tag ${tone}`}>{children}</span>;
}
