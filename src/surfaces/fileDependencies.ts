import type { FileError, LineOf } from './fileErrors.ts';

interface Entry {
  index: number;
  id: string;
  dependsOn: string[];
}

/** Finds duplicate ids, unknown dependencies and dependency cycles, also among surfaces with other errors. */
export function dependencyErrors(surfaces: readonly unknown[], lineOf: LineOf): FileError[] {
  const errors: FileError[] = [];
  const report = (path: (string | number)[], problem: string): void => {
    errors.push({ line: lineOf(path), field: path.join('.'), problem });
  };

  const byId = new Map<string, Entry>();
  for (const [index, surface] of surfaces.entries()) {
    const entry = entryOf(surface, index);
    if (entry === null) continue;
    const first = byId.get(entry.id);
    if (first === undefined) byId.set(entry.id, entry);
    else {
      const line = lineOf(['surfaces', first.index, 'id']);
      report(['surfaces', index, 'id'], `is "${entry.id}" as on line ${line}; write another id`);
    }
  }

  for (const { index, dependsOn } of byId.values()) {
    for (const [at, id] of dependsOn.entries()) {
      if (!byId.has(id))
        report(
          ['surfaces', index, 'depends_on', at],
          `is "${id}", which is not the id of any surface; write the id of a surface in this file`,
        );
    }
  }
  for (const { entry, at, cycle } of cycles(byId)) {
    report(
      ['surfaces', entry.index, 'depends_on', at],
      `makes a cycle (${shortened(cycle).join(' → ')}); remove one of them`,
    );
  }
  return errors;
}

const shortened = (ids: string[]): string[] => (ids.length > 8 ? [...ids.slice(0, 4), '…', ...ids.slice(-3)] : ids);

function entryOf(surface: unknown, index: number): Entry | null {
  if (typeof surface !== 'object' || surface === null || !('id' in surface) || typeof surface.id !== 'string')
    return null;
  const listed = 'depends_on' in surface && Array.isArray(surface.depends_on) ? surface.depends_on : [];
  return { index, id: surface.id, dependsOn: listed.map(String) };
}

/** Walks depth first without recursion, so that a chain of ten thousand surfaces does not exhaust the stack. */
function* cycles(byId: Map<string, Entry>): Generator<{ entry: Entry; at: number; cycle: string[] }> {
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
        yield { entry: top.entry, at, cycle: [...ids.slice(ids.indexOf(id)), id] };
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
