import type { FileError, LineOf } from './fileErrors.ts';

interface Entry {
  place: number;
  id: string;
  dependsOn: string[];
}

/** Ids that stand twice, dependencies that lead nowhere and those that lead back; also among otherwise faulty surfaces. */
export function dependencyErrors(surfaces: readonly unknown[], lineOf: LineOf): FileError[] {
  const errors: FileError[] = [];
  const report = (path: (string | number)[], problem: string): void => {
    errors.push({ line: lineOf(path), field: path.join('.'), problem });
  };

  const byId = new Map<string, Entry>();
  for (const [place, surface] of surfaces.entries()) {
    const entry = entryOf(surface, place);
    if (entry === null) continue;
    const first = byId.get(entry.id);
    if (first === undefined) byId.set(entry.id, entry);
    else {
      const line = lineOf(['surfaces', first.place, 'id']);
      report(['surfaces', place, 'id'], `is "${entry.id}" as on line ${line}; write another id`);
    }
  }

  for (const { place, dependsOn } of byId.values()) {
    for (const [at, id] of dependsOn.entries()) {
      if (!byId.has(id))
        report(
          ['surfaces', place, 'depends_on', at],
          `is "${id}", which no surface has as its id; write one that is here`,
        );
    }
  }
  for (const { entry, at, circle } of circles(byId)) {
    report(
      ['surfaces', entry.place, 'depends_on', at],
      `goes round in a circle (${shortened(circle).join(' → ')}); leave one of them out`,
    );
  }
  return errors;
}

const shortened = (ids: string[]): string[] => (ids.length > 8 ? [...ids.slice(0, 4), '…', ...ids.slice(-3)] : ids);

function entryOf(surface: unknown, place: number): Entry | null {
  if (typeof surface !== 'object' || surface === null || !('id' in surface) || typeof surface.id !== 'string')
    return null;
  const listed = 'depends_on' in surface && Array.isArray(surface.depends_on) ? surface.depends_on : [];
  return { place, id: surface.id, dependsOn: listed.map(String) };
}

/** Walks depth first with a list of its own, so that a chain of ten thousand does not exhaust the stack. */
function* circles(byId: Map<string, Entry>): Generator<{ entry: Entry; at: number; circle: string[] }> {
  const done = new Set<string>();
  for (const start of byId.values()) {
    const trail = [{ entry: start, next: 0 }];
    const open = new Set<string>([start.id]);
    while (!done.has(start.id)) {
      const top = trail.at(-1);
      if (top === undefined) break;
      const at = top.next;
      const id = top.entry.dependsOn[at];
      top.next += 1;
      if (id === undefined) {
        trail.pop();
        open.delete(top.entry.id);
        done.add(top.entry.id);
      } else if (open.has(id)) {
        const ids = trail.map(({ entry }) => entry.id);
        yield { entry: top.entry, at, circle: [...ids.slice(ids.indexOf(id)), id] };
      } else {
        const entry = byId.get(id);
        if (entry && !done.has(id)) {
          open.add(id);
          trail.push({ entry, next: 0 });
        }
      }
    }
  }
}
