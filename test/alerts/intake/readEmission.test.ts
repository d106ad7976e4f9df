import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readEmission } from '../../../src/alerts/intake/readEmission.ts';

const alert = { alert_id: 'disk-full-db3', severity: 'P1', status: 'firing', title: 'Disk is full' };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function read(change: object) {
  const result = readEmission({ ...alert, ...change });
  if ('rejected' in result) throw new Error(`rejected: ${JSON.stringify(result.rejected)}`);
  return { ...result, fields: result.warnings.map(({ field }) => field) };
}
const rejectedField = (sent: unknown): string | null => {
  const result = readEmission(sent);
  return 'rejected' in result ? result.rejected.field : null;
};

describe('an alert is unusable', () => {
  it.each<[why: string, sent: unknown, field: string]>([
    ['that is no object', 'x', 'alert'],
    ['that is a list', [alert], 'alert'],
    ['that is null', null, 'alert'],
    ['without an id', { ...alert, alert_id: undefined }, 'alert_id'],
    ['with null as its id', { ...alert, alert_id: null }, 'alert_id'],
    ['with a blank id', { ...alert, alert_id: ' \t ' }, 'alert_id'],
    ['with an object as its id', { ...alert, alert_id: {} }, 'alert_id'],
    ['without a status', { ...alert, status: undefined }, 'status'],
    ['with a status that is neither firing nor resolved', { ...alert, status: 'pending' }, 'status'],
    ['that fires without a title', { ...alert, title: undefined }, 'title'],
    ['that fires with a title of blanks', { ...alert, title: ' \n ' }, 'title'],
    ['whose title is only control characters', { ...alert, title: '\u0000\u0007' }, 'title'],
  ])('%s', (_why, sent, field) => {
    expect(rejectedField(sent)).toBe(field);
  });
});

describe('characters that a reader does not see', () => {
  it('characters that reorder or hide text are removed, and the joiners of emoji stay', () => {
    const { alert: taken } = read({
      title: 'Disk \u202efdp.exe\u200b is \u2066full\u2069 \ufeff👩\u200d🚒',
      labels: { 'ho\u200bst': 'db\u200f3' },
    });
    expect(taken).toMatchObject({ title: 'Disk fdp.exe is full 👩\u200d🚒', labels: { host: 'db3' } });
  });

  it('an id with such characters is replaced by its SHA-256', () => {
    expect(read({ alert_id: 'disk\u200b' }).alert.alert_id).toBe(sha256('disk\u200b'));
  });
});

describe('white space and control characters', () => {
  it.each([
    ['Disk is full', 'Disk is full'],
    [' Disk is full', 'Disk is full'],
    ['Disk is full ', 'Disk is full'],
    ['Disk  is full', 'Disk is full'],
    ['Disk\tis\r\nfull', 'Disk is full'],
    ['Disk\u00a0is\u2028full', 'Disk is full'],
    ['Disk is\u0007 full\u007f', 'Disk is full'],
    ['~ !', '~ !'],
  ])('of the title %j make %j', (title, expected) => {
    expect(read({ title }).alert.title).toBe(expected);
  });

  it.each([
    ['one\ntwo\n\tthree  four', 'one\ntwo\n\tthree  four'],
    ['one\r\ntwo', 'one\ntwo'],
    ['one\rtwo\u0000', 'onetwo'],
    ['\n\t ', undefined],
  ])('of the details %j make %j', (details, expected) => {
    expect(read({ details }).alert.details).toBe(expected);
  });
});

describe('a text that is too long is cut and named', () => {
  it.each([
    ['title', 500],
    ['details', 20_000],
  ] as const)('%s of more than %i characters ends with an ellipsis', (field, longest) => {
    const { alert: taken, fields } = read({ [field]: 'x'.repeat(longest + 1) });
    expect(taken[field]).toBe(`${'x'.repeat(longest - 1)}…`);
    expect(fields).toEqual([field]);
    expect(read({ [field]: 'x'.repeat(longest) }).fields).toEqual([]);
  });

  it('characters outside of the Latin alphabet count once and are not cut apart', () => {
    expect(read({ title: '🔥'.repeat(500) }).fields).toEqual([]);
    expect(read({ title: '🔥'.repeat(501) }).alert.title).toBe(`${'🔥'.repeat(499)}…`);
  });

  it('an address of 2,100 characters is left out', () => {
    const { alert: taken, fields } = read({ url: `https://a.example/${'x'.repeat(2_082)}` });
    expect([taken.url, fields]).toEqual([undefined, ['url']]);
  });
});

describe('a field that is null, empty or of another type', () => {
  it.each(['details', 'url', 'surface_id', 'starts_at', 'ends_at', 'at', 'labels'] as const)(
    '%s counts as absent if it is null or empty',
    (field) => {
      for (const empty of [null, '', undefined]) {
        const { alert: taken, fields } = read({ [field]: empty });
        expect([field in taken, fields]).toEqual([false, []]);
      }
    },
  );

  it('an unknown field is ignored and named', () => {
    const { alert: taken, fields } = read({ colour: 'red' });
    expect([taken, fields]).toEqual([alert, ['colour']]);
  });

  it('of very many unknown fields a few are named', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`field-${n}`, n]));
    expect(read(many).fields).toHaveLength(11);
  });

  it('details that are nested too deeply for JSON are left out, and the alert is taken', () => {
    const levels = 200_000;
    const { fields } = read({ details: JSON.parse('['.repeat(levels) + ']'.repeat(levels)) });
    expect(fields).toEqual(['details']);
  });

  it('a number is taken as its digits, and details of another type as JSON', () => {
    expect(read({ alert_id: 4711, title: 3 }).alert).toMatchObject({ alert_id: '4711', title: '3' });
    expect(read({ details: { usage: 93 } }).alert.details).toBe('{"usage":93}');
  });

  it('an id that is a number too large to be exact is named, since another id may be read as the same', () => {
    const sent = JSON.parse('{"alert_id": 1234567890123456789}') as object;
    expect(read(sent)).toMatchObject({ alert: { alert_id: '1234567890123456800' }, fields: ['alert_id'] });
    expect(read({ alert_id: 4711 }).fields).toEqual([]);
  });
});

it.each(['1970-01-01T00:05:00Z', '2000-01-01T00:00:00Z', '2019-12-31T23:59:59Z'])(
  'the time %s is ignored and named: the clock of its sender is not set',
  (at) => {
    const { alert: taken, fields } = read({ at, starts_at: at, ends_at: '2020-01-01T00:00:00Z' });
    expect([taken.at, taken.starts_at, taken.ends_at]).toEqual([undefined, undefined, '2020-01-01T00:00:00.000Z']);
    expect(fields).toEqual(['starts_at', 'at']);
  },
);

describe('the id of an alert', () => {
  it('is trimmed', () => {
    expect(read({ alert_id: '  disk \n' }).alert.alert_id).toBe('disk');
  });

  it('is replaced by its SHA-256 above 255 characters', () => {
    const long = 'x'.repeat(256);
    expect(read({ alert_id: long })).toMatchObject({ alert: { alert_id: sha256(long) }, fields: ['alert_id'] });
    expect(read({ alert_id: 'x'.repeat(255) }).fields).toEqual([]);
  });

  it.each(['a\u0000b', 'a\ud800b'])('is replaced by its SHA-256 if it cannot be stored (case %#)', (id) => {
    expect(read({ alert_id: id }).alert.alert_id).toBe(sha256(id));
  });
});

describe('the severity', () => {
  it.each([
    ['P1', 'P1', false],
    ['p3', 'P3', false],
    ['critical', 'P1', true],
    ['Page', 'P1', true],
    ['DISASTER', 'P1', true],
    ['error', 'P2', true],
    ['ticket', 'P2', true],
    ['warning', 'P3', true],
    ['average', 'P3', true],
    ['P4', 'P2', true],
    ['', 'P2', true],
    [null, 'P2', true],
    [undefined, 'P2', true],
    [1, 'P2', true],
  ])('%s is read as %s, assumed: %s', (sent, severity, isSeverityAssumed) => {
    expect(read({ severity: sent })).toMatchObject({ alert: { severity }, isSeverityAssumed });
  });

  it.each(['info', 'debug', 'none'])('%s is recorded only', (severity) => {
    expect(read({ severity }).alert).toMatchObject({ severity: 'P3', quiet: true });
  });

  it('of a resolution does not matter', () => {
    expect(read({ status: 'resolved', severity: undefined }).isSeverityAssumed).toBe(false);
  });
});

it('a resolution needs no title', () => {
  expect(read({ status: 'resolved', title: undefined }).alert.status).toBe('resolved');
});

it('the status is read without regard to case', () => {
  expect(read({ status: ' FIRING ' }).alert.status).toBe('firing');
});

describe('times', () => {
  it('are read with any offset, and as UTC without one', () => {
    const times = {
      starts_at: '2026-05-05T14:30:00+02:00',
      ends_at: '2026-05-05T14:30:00',
      at: '2026-05-05T14:30:00Z',
    };
    expect(read(times).alert).toMatchObject({
      starts_at: '2026-05-05T12:30:00.000Z',
      ends_at: '2026-05-05T14:30:00.000Z',
      at: '2026-05-05T14:30:00.000Z',
    });
  });

  it('that are none are ignored and named, and the year 1 means that there is none yet', () => {
    expect(read({ at: 'yesterday', starts_at: 12 }).fields).toEqual(['starts_at', 'at']);
    expect(read({ ends_at: '0001-01-01T00:00:00Z' })).toMatchObject({ alert, fields: [] });
  });
});

it('labels are kept in the order of their names, and those without a value are left out', () => {
  expect(read({ labels: { team: 'sre', host: 'db-3', empty: '', n: 5 } }).alert.labels).toEqual({
    host: 'db-3',
    n: '5',
    team: 'sre',
  });
  expect(read({ labels: ['a'] }).fields).toEqual(['labels']);
});

it('of very many labels the first thousand are read', () => {
  let reads = 0;
  const label = {
    enumerable: true,
    get() {
      reads += 1;
      return 'x';
    },
  };
  const names = Array.from({ length: 5_000 }, (_, n) => `label-${n}`);
  const labels = Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, label])));
  const { alert: taken, fields } = read({ labels });
  expect([reads, Object.keys(taken.labels ?? {}).length, fields]).toEqual([1_000, 64, ['labels']]);
});
