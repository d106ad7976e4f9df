import type { JSX } from 'preact';
import { PostForm } from './elements.tsx';
import { useViewer } from './viewerContext.ts';

interface ResolveProps {
  alertKey: string;
  /** The page that it is on. */
  from: 'list' | 'alert';
}

/** Ends an alert whose resolution was lost; for operators. */
export function ResolveAlert({ alertKey, from }: ResolveProps): JSX.Element | null {
  const { may } = useViewer();
  if (!may.operate) return null;
  return (
    <details>
      <summary>Resolve by hand</summary>
      <PostForm action={`/console/alerts/${encodeURIComponent(alertKey)}/resolve`} class="filter">
        <input type="hidden" name="from" value={from} />
        <label class="field grows">
          <span>Why it ended</span>
          <input type="text" name="reason" required maxLength={500} autocomplete="off" />
        </label>
        <div class="filter-acts">
          <button type="submit" class="button" aria-label={`Resolve ${alertKey}`}>
            Resolve
          </button>
        </div>
      </PostForm>
    </details>
  );
}
