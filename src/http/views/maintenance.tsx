import type { JSX } from 'preact';
import type { SurfaceStory } from '../../model/surfaces.ts';
import { PostForm } from './elements.tsx';
import { TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

interface MaintenanceProps {
  surfaceId: string;
  window: SurfaceStory['maintenance'];
}

const DURATIONS: [minutes: number, label: string][] = [
  [30, '30 minutes'],
  [60, '1 hour'],
  [120, '2 hours'],
  [240, '4 hours'],
  [480, '8 hours'],
  [1440, '24 hours'],
];

/** The current maintenance window; admins can start and end it. */
export function Maintenance({ surfaceId, window }: MaintenanceProps): JSX.Element | null {
  const { may } = useViewer();
  if (window === null && !may.administer) return null;
  const action = `/console/surfaces/${surfaceId}/maintenance`;
  return (
    <section class="panel" aria-labelledby="maintenance">
      <h2 id="maintenance">Maintenance</h2>
      {window === null ? null : (
        <p>
          Until <TimestampWithAge at={window.until} />, started by {window.by}. Reason: {window.reason}
        </p>
      )}
      {window !== null && may.administer ? (
        <PostForm action={`${action}/end`}>
          <button type="submit" class="button">
            End maintenance
          </button>
        </PostForm>
      ) : null}
      {window === null && may.administer ? <StartForm action={action} /> : null}
    </section>
  );
}

function StartForm({ action }: { action: string }): JSX.Element {
  return (
    <PostForm action={action} class="filter">
      <label class="field">
        <span>Duration</span>
        <select name="minutes">
          {DURATIONS.map(([minutes, label]) => (
            <option key={minutes} value={minutes} selected={minutes === 60}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label class="field grows">
        <span>Reason</span>
        <input type="text" name="reason" required maxLength={500} autocomplete="off" />
      </label>
      <div class="filter-acts">
        <button type="submit" class="button">
          Start maintenance
        </button>
      </div>
    </PostForm>
  );
}
