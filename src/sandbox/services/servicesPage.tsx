import type { VNode } from 'preact';
import { Shell, type ShellProps } from '../pageShell.tsx';
import { type DemoSurface, SURFACE_STATES, type SurfaceState } from './services.ts';

interface SurfacesPageProps {
  product: string;
  nav: ShellProps['nav'];
  surfaces: (DemoSurface & { state: SurfaceState })[];
}

const LABELS: Record<SurfaceState, string> = {
  healthy: 'Healthy',
  slow: 'Slow',
  down: 'Down (500)',
  busy: 'Busy (503)',
  hanging: 'Hanging',
  redirecting: 'Redirecting (302)',
  unresolvable: 'Unknown host name',
};
const LOOK: Record<SurfaceState, string> = {
  healthy: 'good',
  slow: 'warn',
  busy: 'warn',
  down: 'bad',
  hanging: 'bad',
  redirecting: 'bad',
  unresolvable: 'bad',
};

/** One card per service, one large button per state. */
export function SurfacesPage({ product, nav, surfaces }: SurfacesPageProps): VNode {
  const groups = [...new Set(surfaces.map(({ group }) => group))];
  return (
    <Shell product={product} title="Services" nav={nav}>
      <div class="row spread">
        <h1>Services</h1>
        <form method="post" action="/all/state">
          <button type="submit" class="primary">
            Make all healthy
          </button>
        </form>
      </div>
      <p class="lead">
        Change the state of a service; the console reports it after two failed checks. Busy sends Retry-After, Hanging
        never responds, and Unknown host name changes its address to a name that does not exist.
      </p>
      {groups.map((group) => (
        <section key={group} aria-label={group} class="group">
          <h2>{group}</h2>
          <div class="surfaces">
            {surfaces
              .filter((surface) => surface.group === group)
              .map((surface) => (
                <SurfaceCard key={surface.id} surface={surface} />
              ))}
          </div>
        </section>
      ))}
    </Shell>
  );
}

function SurfaceCard({ surface }: { surface: SurfacesPageProps['surfaces'][number] }): VNode {
  return (
    <article class="card" aria-labelledby={`name-${surface.id}`}>
      <div class="row spread">
        <h3 id={`name-${surface.id}`}>{surface.name}</h3>
        <span class={`badge ${LOOK[surface.state]}`}>{surface.state}</span>
      </div>
      <p class="quiet">
        <code>{surface.id}</code>
        {` · ${surface.severity.down} when down, ${surface.severity.degraded} when degraded`}
      </p>
      <form method="post" action={`/s/${surface.id}/state`} class="big">
        {SURFACE_STATES.map((state) => (
          <button
            key={state}
            type="submit"
            name="state"
            value={state}
            id={`${surface.id}-${state}`}
            aria-pressed={state === surface.state}
          >
            {LABELS[state]}
          </button>
        ))}
      </form>
    </article>
  );
}
