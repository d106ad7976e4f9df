import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Fault, FieldPath, LineOf } from './fileFaults.ts';

/** Uses of anchors, multiplied where they nest: plenty for honest sharing, a stop for ever-growing ones. */
const MAX_ALIASES = 20_000;

type Yaml = { data: unknown; lineOf: LineOf } | { faults: Fault[] };

/** Reads a YAML 1.2 text into plain data, keeping where each field stands; or says why it cannot. */
export function readYaml(text: string): Yaml {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(lines.linePos(offset).line, 1);
  try {
    // The library compares all keys of a map with each other; `repeatedKeys` does the same in one pass.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const unreadable = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
      line: lineAt(pos[0]),
      field: 'surfaces',
      says: `cannot be read as YAML: ${message.replace(/[\s.]+$/, '')}`,
    }));
    if (unreadable.length > 0) return { faults: unreadable };
    const repeated = repeatedKeys(document, lineAt);
    if (repeated.length > 0) return { faults: repeated };
    return { data: document.toJS({ maxAliasCount: MAX_ALIASES }), lineOf: (path) => lineAt(offsetOf(document, path)) };
  } catch (error) {
    // Nesting without end exhausts the stack, aliases of aliases the limit above.
    const says =
      error instanceof RangeError
        ? 'is nested too deeply; write plain lists and maps'
        : 'uses too many aliases; write it out';
    return { faults: [{ line: 1, field: 'surfaces', says }] };
  }
}

function repeatedKeys(document: Document, lineAt: (offset: number) => number): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          faults.push({
            line: lineAt(key.range?.[0] ?? 0),
            field: String(key.value),
            says: 'stands here twice; keep one of them',
          });
        }
        seen.add(key.value);
      }
    },
  });
  return faults;
}

function offsetOf(document: Document, path: FieldPath): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    const parent: unknown = isAlias(node) ? node.resolve(document) : node;
    let found: Node | null = null;
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === step);
      if (isNode(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      found = isNode(pair?.value) ? pair.value : null;
    } else if (isSeq(parent) && typeof step === 'number') {
      const item = parent.items[step];
      if (isNode(item)) {
        offset = item.range?.[0] ?? offset;
        found = item;
      }
    }
    if (found === null) break;
    node = found;
  }
  return offset;
}
