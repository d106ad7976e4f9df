/** Fields whose content depends on what the installation stores. */
const FREE = new Set([
  'checks',
  'collision',
  'did',
  'payload',
  'input',
  'history',
  'error',
  'context',
  'state',
  'labels',
  'details',
  'event',
  'timers',
]);

/**
 * Where an answer differs in kind from the documented one: a missing or additional field, or another type. Elided parts
 * ("…"), null and empty lists fit everything; of a list only the first entry counts.
 */
export function differences(documented: unknown, actual: unknown, at = 'answer'): string[] {
  if (documented === '…' || documented === null || actual === null) return [];
  if (Array.isArray(documented) && Array.isArray(actual)) {
    return documented.length === 0 || actual.length === 0 ? [] : differences(documented[0], actual[0], `${at}[0]`);
  }
  if (isObject(documented) && isObject(actual)) {
    const names = new Set([...Object.keys(documented), ...Object.keys(actual)]);
    return [...names].flatMap((name) => {
      if (FREE.has(name) || name === '…' || '…' in documented) return [];
      if (!(name in actual)) return [`${at}.${name} is documented but missing`];
      if (!(name in documented)) return [`${at}.${name} is not documented`];
      return differences(documented[name], actual[name], `${at}.${name}`);
    });
  }
  return kindOf(documented) === kindOf(actual)
    ? []
    : [`${at} is ${kindOf(actual)}, documented as ${kindOf(documented)}`];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'a list' : typeof value);

/** JSON as documents print it, with parts left out as {…}, […] or a bare …; undefined for other text. */
export function documentedJson(text: string): unknown {
  const whole = text
    .replace(/[{[]…[}\]]/g, '"…"')
    .replace(/(?<=[[{])\s*…\s*,/g, '')
    .replace(/,\s*…\s*(?=[}\]])/g, '')
    .replace(/(?<=[[{])\s*…\s*(?=[\]}])/g, '');
  try {
    return JSON.parse(whole);
  } catch {
    return undefined;
  }
}
