import type { Store } from '../jsonStore.ts';
import type { DemoSurface, SurfaceState } from './services.ts';

interface Deps {
  surfaces: readonly DemoSurface[];
  store: Store<Record<string, SurfaceState>>;
}

/** The current state of each service, kept between starts. */
export interface ServiceStates {
  ids(): string[];
  of(id: string): SurfaceState | undefined;
  /** Throws when there is no such service. */
  set(id: string, state: SurfaceState): void;
  /** Called after each change. */
  onChange(listener: () => void): void;
}

export function createServiceStates({ surfaces, store }: Deps): ServiceStates {
  const states = new Map<string, SurfaceState>(surfaces.map(({ id }) => [id, store.value[id] ?? 'healthy']));
  const listeners: (() => void)[] = [];
  return {
    ids: () => [...states.keys()],
    of: (id) => states.get(id),
    set(id, state) {
      if (!states.has(id)) throw new Error(`No surface with id ${id}.`);
      states.set(id, state);
      store.value[id] = state;
      store.changed();
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
