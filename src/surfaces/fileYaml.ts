import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { FieldPath, FileError, LineOf } from './fileErrors.ts';

/** Expanded aliases, nested ones multiplied: enough for shared settings, and a limit for alias bombs. */
const MAX_ALIASES = 5_000;

type Yaml = { data: unknown; lineOf: LineOf } | { errors: FileError[] };

/** Parses YAML 1.2 into plain data and keeps the line of each field; returns errors if it cannot. */
export function readYaml(text: string): Yaml {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(lines.linePos(offset).line, 1);
  try {
    // The library's own check for duplicate keys is quadratic; `structureErrors` does it in one pass.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    // One mistake causes many follow-up errors; the first few are enough to find it.
    const unreadable = [...document.errors, ...document.warnings].slice(0, 3);
    if (unreadable.length > 0) return { errors: unreadable.map((error) => yamlError(lineAt(error.pos[0]), error)) };
    const misplaced = structureErrors(document, lineAt);
    if (misplaced.length > 0) return { errors: misplaced };
    return { data: document.toJS({ maxAliasCount: MAX_ALIASES }), lineOf: (path) => lineAt(offsetOf(document, path)) };
  } catch (error) {
    return { errors: [yamlError(1, error)] };
  }
}

function yamlError(line: number, error: unknown): FileError {
  const message = error instanceof Error ? error.message : '';
  const problem = /call stack/.test(message)
    ? 'is nested too deeply; write plain lists and maps'
    : /alias count/.test(message)
      ? 'uses too many aliases; write the values out'
      : `cannot be read as YAML: ${message.replace(/[\s.]+$/, '')}`;
  return { line, field: 'surfaces', problem };
}

/** Finds duplicate and non-scalar keys, and aliases without an anchor, in one pass. */
function structureErrors(document: Document, lineAt: (offset: number) => number): FileError[] {
  const errors: FileError[] = [];
  const report = (node: Node, field: string, problem: string): void => {
    errors.push({ line: lineAt(node.range?.[0] ?? 0), field, problem });
  };
  const anchors = new Set<string>();
  let aliases = 0;
  visit(document, (_, node) => {
    if (isAlias(node)) {
      aliases += 1;
      const { source } = node;
      if (!anchors.has(source)) report(node, `*${source}`, `has no &${source} before it; write the value out`);
    } else if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.add(node.anchor);
    if (!isMap(node)) return;
    const seen = new Set<unknown>();
    for (const { key } of node.items) {
      if (isCollection(key)) report(key, 'surfaces', 'has a list or a map as a key; write a name as the key');
      if (!isScalar(key)) continue;
      if (seen.has(key.value)) report(key, String(key.value), 'appears twice; keep one of them');
      seen.add(key.value);
    }
  });
  if (aliases > MAX_ALIASES) errors.push(yamlError(1, new Error('alias count')));
  return errors;
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
