import type { Random } from '../faults/random.ts';

/** Hostile values from a seed, as broken clients and attackers send them. */

/** Part of many drawn texts. A page that shows it unescaped would run a foreign script. */
export const MARK = '<fz onload=alert(1)>';

const NASTY = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfffy',
  '\ufeff',
  '\u202egnp.exe',
  '💥'.repeat(40),
  'e\u0301'.repeat(30),
  MARK,
  `"'>${MARK}`,
  "' or 1=1 --",
  '%',
  '_%\\',
  '$1 #{y} {{z}}',
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%2e%2e/%2e%2e/',
  '%00',
  '%ff%fe',
  '%zz',
  '//evil.example',
  'a\r\nSet-Cookie: x=1',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  '9007199254740993',
  '99999999999999999999999999',
  '0x10',
  'null',
  'true',
  '[]',
  '2026-05-05T14:30:00Z',
  '9999-12-31T23:59:59Z',
  '+275760-09-13T00:00:00Z',
  '2026-02-30',
  'P1',
  'firing',
  'javascript:alert(1)',
  'http://127.0.0.1:1/',
  'ſ',
  'İ',
];

export const NUMBERS = [0, -0, 1, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, Number.MAX_VALUE, 5e-324];

export function text(random: Random): string {
  const kind = random.weighted({ nasty: 60, letters: 25, bytes: 10, long: 4, huge: 0.2 });
  if (kind === 'nasty') return random.pick(NASTY);
  if (kind === 'letters') return random.hex(random.whole(1, 40));
  if (kind === 'bytes') {
    return Array.from({ length: random.whole(1, 30) }, () => String.fromCharCode(random.whole(0, 0xffff))).join('');
  }
  return random.pick([...NASTY, 'x']).repeat(kind === 'long' ? random.whole(100, 900) : random.whole(20_000, 60_000));
}

export function json(random: Random, depth = 0): unknown {
  const kind = random.weighted({
    text: 40,
    number: 15,
    word: 15,
    list: depth > 3 ? 0 : 12,
    object: depth > 3 ? 0 : 16,
    deep: 1,
  });
  if (kind === 'text') return text(random);
  if (kind === 'number') return random.pick(NUMBERS);
  if (kind === 'word') return random.pick([null, true, false]);
  if (kind === 'list') return Array.from({ length: random.whole(0, 4) }, () => json(random, depth + 1));
  if (kind === 'deep') return nested(random.whole(20, 2_000));
  return Object.fromEntries(Array.from({ length: random.whole(0, 4) }, () => [text(random), json(random, depth + 1)]));
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let n = 0; n < levels; n += 1) value = [value];
  return value;
}

/** The value with one to three changes: another type, a missing field, or an extra field. */
export function mutated(random: Random, value: unknown): unknown {
  let result = value;
  for (let n = random.whole(1, 3); n > 0; n -= 1) result = mutatedOnce(random, result, 0);
  return result;
}

function mutatedOnce(random: Random, value: unknown, depth: number): unknown {
  const inner = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (inner.length === 0 || depth > 5 || random.chance(0.15)) return json(random, 2);
  const key = random.pick(inner);
  if (Array.isArray(value)) {
    if (random.chance(0.1)) return value.flatMap((each) => [each, each]);
    return value.map((each, at) => (String(at) === key ? mutatedOnce(random, each, depth + 1) : each));
  }
  const fields = { ...(value as Record<string, unknown>) };
  const how = random.weighted({ change: 70, drop: 15, add: 15 });
  if (how === 'drop') delete fields[key];
  else if (how === 'add') fields[text(random)] = json(random, 2);
  else fields[key] = mutatedOnce(random, fields[key], depth + 1);
  return fields;
}

/** The value as JSON, sometimes malformed. */
export function serialized(random: Random, value: unknown): Buffer {
  const whole = JSON.stringify(value) ?? '';
  const how = random.weighted({ right: 70, cut: 10, trailing: 4, twice: 4, utf16: 3, latin: 4, bom: 2, numbers: 3 });
  switch (how) {
    case 'right':
      return Buffer.from(whole);
    case 'cut':
      return Buffer.from(whole.slice(0, random.whole(0, whole.length)));
    case 'trailing':
      return Buffer.from(`${whole.slice(0, -1)},}`);
    case 'twice':
      return Buffer.from(whole + whole);
    case 'utf16':
      return Buffer.from(whole, 'utf16le');
    case 'latin':
      return Buffer.from(`${whole}\u00ff`, 'latin1');
    case 'bom':
      return Buffer.from(`\ufeff${whole}`);
    case 'numbers':
      return Buffer.from(whole.replace(/"[^"]*"/, random.pick(['1e999', '-', '00', '1'.repeat(400), 'NaN', "'a'"])));
  }
}
