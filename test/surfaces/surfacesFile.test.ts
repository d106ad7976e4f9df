import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSurfaces, parseSurfacesFile, SurfacesFileError } from '../../src/surfaces/surfacesFile.ts';

/** The errors of a text; none where it is valid. */
function faults(text: string): readonly string[] {
  try {
    parseSurfaces(text, 'surfaces.yaml');
    return [];
  } catch (error) {
    if (error instanceof SurfacesFileError) return error.errors;
    throw error;
  }
}

/** A file of one surface with these further lines. */
const one = (...lines: string[]): string =>
  [
    'surfaces:',
    '  - id: api-prod',
    '    name: API (production)',
    '    url: https://api.example.com/healthz',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');

describe('a surfaces file', () => {
  it('gives every field its default', () => {
    expect(parseSurfaces(one(), 'surfaces.yaml')).toEqual([
      {
        id: 'api-prod',
        name: 'API (production)',
        group: null,
        url: 'https://api.example.com/healthz',
        timeoutMs: 5_000,
        degradedAfterMs: 2_000,
        expect: { status: [200, 299], bodyContains: null },
        intervalSeconds: null,
        request: { method: 'GET', headers: {}, body: null, basicAuth: null, caFile: null, proxy: null },
        tlsExpiryDays: 14,
        unstableWindow: 10,
        retryAfterGraceSeconds: 600,
        reopenWithinMinutes: null,
        failuresToOpen: 2,
        successesToClose: 2,
        severity: { degraded: 'P3', down: 'P1' },
        dependsOn: [],
        maintenance: [],
        weeklyMaintenance: [],
      },
    ]);
  });

  it('reads every field', () => {
    const text = `${one(
      'group: Production',
      'timeout_ms: 800',
      'degraded_after_ms: 300',
      'expect: { status: [200, 204], body_contains: ok }',
      'failures_to_open: 3',
      'successes_to_close: 1',
      'severity: { degraded: none, down: P2 }',
      'depends_on: [db]',
      'maintenance:',
      '  - { from: 2026-05-05T22:00:00+02:00, until: 2026-05-06T02:00:00Z, reason: move }',
      '  - { until: 2026-06-01T00:00Z, reason: later }',
    )}\n  - { id: db, name: Database, url: "http://db.example:8080/" }`;
    expect(parseSurfaces(text, 'surfaces.yaml')[0]).toMatchObject({
      group: 'Production',
      timeoutMs: 800,
      degradedAfterMs: 300,
      expect: { status: [200, 204], bodyContains: 'ok' },
      failuresToOpen: 3,
      successesToClose: 1,
      severity: { degraded: null, down: 'P2' },
      dependsOn: ['db'],
      maintenance: [
        { from: '2026-05-05T20:00:00.000Z', until: '2026-05-06T02:00:00.000Z', reason: 'move' },
        { from: null, until: '2026-06-01T00:00:00.000Z', reason: 'later' },
      ],
    });
  });

  it('keeps the default of the other severity when one is set', () => {
    const [surface] = parseSurfaces(one('severity: { down: P2 }'), 'surfaces.yaml');
    expect(surface?.severity).toEqual({ degraded: 'P3', down: 'P2' });
  });

  it('survives JSON unchanged', () => {
    const surfaces = parseSurfaces(one(), 'surfaces.yaml');
    expect(JSON.parse(JSON.stringify(surfaces))).toEqual(surfaces);
  });

  it('may share settings by YAML anchors', () => {
    const text = `${one('expect: &usual { body_contains: ok }')}\n  - { id: web, name: Web, url: "http://w.example/", expect: *usual }`;
    expect(parseSurfaces(text, 'surfaces.yaml').map(({ expect: { bodyContains } }) => bodyContains)).toEqual([
      'ok',
      'ok',
    ]);
  });

  it('may list no surfaces', () => {
    expect(parseSurfaces('surfaces: []', 'surfaces.yaml')).toEqual([]);
  });
});

describe('a faulty file', () => {
  it.each<[string, number, string, string]>([
    ['id: API', 2, 'surfaces.0.id', 'lower-case letters'],
    ['id: -a', 2, 'surfaces.0.id', 'lower-case letters'],
    [`id: ${'a'.repeat(64)}`, 2, 'surfaces.0.id', 'lower-case letters'],
    ['id: 7', 2, 'surfaces.0.id', 'in quotes'],
    ['name: ""', 3, 'surfaces.0.name', '1 to 200 characters'],
    ['name:', 3, 'surfaces.0.name', 'is empty'],
    ['url: ftp://x.example/', 4, 'surfaces.0.url', 'http:// or https://'],
    ['url: https://me:hunter2@x.example/', 4, 'surfaces.0.url', 'without user name and password'],
    ['url: api.example.com', 4, 'surfaces.0.url', 'http:// or https://'],
    ['url: "http:x.example"', 4, 'surfaces.0.url', 'http:// or https://'],
  ])('with "%s" names line %i and %s', (line, number, field, says) => {
    const [key] = line.split(':');
    const text = one().replace(new RegExp(`${key}: .*`), line);
    expect(faults(text)).toEqual([expect.stringMatching(new RegExp(`^surfaces\\.yaml, line ${number}: ${field} .*`))]);
    expect(faults(text)[0]).toContain(says);
    expect(faults(text)[0]).not.toContain('hunter2');
  });

  it.each<[string, string, string]>([
    ['timeout_ms: fast', 'surfaces.0.timeout_ms', 'cannot be "fast"; write whole milliseconds'],
    ['timeout_ms: 0', 'surfaces.0.timeout_ms', 'cannot be 0'],
    ['timeout_ms: 1.5', 'surfaces.0.timeout_ms', 'cannot be 1.5'],
    ['timeout_ms: .inf', 'surfaces.0.timeout_ms', 'whole milliseconds'],
    ['degraded_after_ms: 70000', 'surfaces.0.degraded_after_ms', 'from 1 to 60000'],
    ['failures_to_open: 0', 'surfaces.0.failures_to_open', 'from 1 to 100'],
    ['expect: { status: [299, 200] }', 'surfaces.0.expect.status', '[200, 299]'],
    ['expect: { status: 200 }', 'surfaces.0.expect.status', '[200, 299]'],
    ['expect: { status: [200, 999] }', 'surfaces.0.expect.status.1', '[200, 299]'],
    ['group: "a\\ud800b"', 'surfaces.0.group', 'on one line'],
    ['expect: { body_contains: "a\\0" }', 'surfaces.0.expect.body_contains', '1 to 1000 characters'],
    ['expect: ok', 'surfaces.0.expect', 'a map with status'],
    ['severity: { down: P0 }', 'surfaces.0.severity.down', 'P1, P2, P3, or none'],
    ['severity: { broken: P1 }', 'surfaces.0.severity.broken', 'write one of degraded, down'],
    ['depends_on: database', 'surfaces.0.depends_on', 'a list'],
    ['depends_on: [nowhere]', 'surfaces.0.depends_on.0', 'is not the id of any surface'],
    ['maintenance: [{ reason: move }]', 'surfaces.0.maintenance.0.until', 'is missing'],
    ['maintenance: [{ until: 2026-05-06T02:00:00Z }]', 'surfaces.0.maintenance.0.reason', 'is missing'],
    ['maintenance: [{ until: 2026-05-06T02:00:00, reason: x }]', 'surfaces.0.maintenance.0.until', 'with its zone'],
    ['maintenance: [{ until: 2026-02-30T02:00:00Z, reason: x }]', 'surfaces.0.maintenance.0.until', 'a time'],
    [
      'maintenance: [{ from: 2026-05-06T02:00:00Z, until: 2026-05-06T02:00:00Z, reason: x }]',
      'surfaces.0.maintenance.0.until',
      'after from',
    ],
    ['timeout: 5', 'surfaces.0.timeout', 'is not a field of the file; write one of id, name, group, url, timeout_ms'],
  ])('with "%s" names its line and %s', (line, field, says) => {
    expect(faults(one(line))).toEqual([expect.stringContaining(`surfaces.yaml, line 5: ${field} `)]);
    expect(faults(one(line))[0]).toContain(says);
  });

  it('reports all errors in the order of their lines', () => {
    const text = [
      'surfaces:',
      '  - id: a',
      '    url: nowhere',
      '  - id: a',
      '    name: B',
      '    url: http://b.example/',
      '    speed: 9',
      'more: 1',
    ].join('\n');
    expect(faults(text).map((fault) => fault.split(' ').slice(0, 4).join(' '))).toEqual([
      'surfaces.yaml, line 2: surfaces.0.name',
      'surfaces.yaml, line 3: surfaces.0.url',
      'surfaces.yaml, line 4: surfaces.1.id',
      'surfaces.yaml, line 7: surfaces.1.speed',
      'surfaces.yaml, line 8: more',
    ]);
  });

  it('reports the line of an error that came through an alias', () => {
    const text = `${one('expect: &usual { body_contains: 1 }')}\n  - { id: web, name: Web, url: "http://w.example/", expect: *usual }`;
    expect(faults(text)).toEqual([
      expect.stringContaining('line 5: surfaces.0.expect.body_contains'),
      expect.stringContaining('line 5: surfaces.1.expect.body_contains'),
    ]);
  });

  it('must not have dependency cycles', () => {
    const surface = (id: string, on: string) =>
      `  - { id: ${id}, name: x, url: "http://x.example/", depends_on: [${on}] }`;
    expect(faults(['surfaces:', surface('a', 'a')].join('\n'))).toEqual([expect.stringContaining('(a → a)')]);
    expect(
      faults(['surfaces:', surface('a', 'b'), surface('b', 'c'), surface('c', 'd, a'), surface('d', '')].join('\n')),
    ).toEqual([expect.stringMatching(/line 4: surfaces\.2\.depends_on\.1 makes a cycle \(a → b → c → a\)/)]);
  });

  it.each<[string, string, string]>([
    ['', 'line 1', 'surfaces'],
    ['# nothing yet', 'line 1', 'surfaces'],
    ['surfaces:', 'line 1', 'is empty; write a list'],
    ['- id: a', 'line 1', 'a map with the field surfaces'],
    ['surfaces:\n  - just text', 'line 2: surfaces.0', 'a map with id, name and url'],
    ['surfaces: [\n  {', 'line 2', 'cannot be read as YAML'],
    ['surfaces:\n\t- id: a', 'line 2', 'cannot be read as YAML'],
    ['surfaces: []\n---\nsurfaces: []', 'line 2', 'cannot be read as YAML'],
    ['surfaces: !!js/function x', 'line 1', 'cannot be read as YAML'],
    ['surfaces: []\nsurfaces: []', 'line 2: surfaces', 'appears twice'],
    ['surfaces:\n  - { [a]: b }', 'line 2: surfaces', 'a list or a map as a key'],
    ['surfaces:\n  - id: a\n    id: b', 'line 3: id', 'appears twice'],
    ['surfaces:\n  - *gone', 'line 2: *gone', 'has no &gone before it'],
  ])('%j is refused with its line', (text, where, says) => {
    expect(faults(text)[0]).toContain(`surfaces.yaml, ${where}`);
    expect(faults(text)[0]).toContain(says);
  });
});

describe('a hostile file', () => {
  it('with aliases of aliases is refused', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
    );
    expect(faults(['l0: &l0 [x]', ...levels, 'surfaces: *l12'].join('\n'))).toEqual([
      expect.stringContaining('too many aliases'),
    ]);
  });

  it('that is larger than eight megabytes is refused', () => {
    expect(faults(`surfaces: []\n# ${'é'.repeat(4_200_000)}`)).toEqual([expect.stringContaining('larger than 8 MiB')]);
  });

  it('with too many surfaces is refused', () => {
    expect(faults(`surfaces: [${'{},'.repeat(10_001)}]`)).toEqual([expect.stringContaining('lists 10001 surfaces')]);
  });

  it('that is nested too deeply is refused', () => {
    expect(faults(`surfaces: ${'['.repeat(100_000)}`)).toContain(
      'surfaces.yaml, line 1: surfaces is nested too deeply; write plain lists and maps.',
    );
  });

  it('with very many errors reports the first hundred', () => {
    const shown = faults(`surfaces: [${'{ id: A },'.repeat(500)}]`);
    expect(shown).toHaveLength(101);
    expect(shown.at(-1)).toMatch(/^surfaces\.yaml: and \d+ more\.$/);
  });

  it('is refused with complete sentences, whatever it contains', () => {
    const fragment = fc.constantFrom(
      'surfaces:',
      '- ',
      'id: a',
      '  ',
      '\n',
      '{',
      '}',
      '[',
      ']',
      ':',
      '&a',
      '*a',
      '<<',
      '"',
      "'",
      '|',
      '!!set',
      '? ',
      '#',
      '\t',
      '__proto__: 1',
      '\u0000',
      '💥',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 30 }), (parts) => {
        for (const fault of faults(parts.join(''))) expect(fault).toMatch(/^surfaces\.yaml(, line \d+)?: /);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a large file', () => {
  it('of ten thousand surfaces in a chain is read', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => {
      const named = `name: Service ${i} of the shop,group: Production,url: "https://service-${i}.shop.example.com/healthz"`;
      return `- {id: s${i},${named},depends_on: [${i < 9_999 ? `s${i + 1}` : ''}]}`;
    });
    expect(parseSurfaces(`surfaces:\n${lines.join('\n')}`, 'surfaces.yaml')).toHaveLength(10_000);
  });
});

describe('self-check targets', () => {
  const file = (targets: string) => `surfaces: []\nself_check:\n${targets}`;

  it('get the defaults of a surface', () => {
    const text = file('  - url: https://one.example/ok\n  - { url: https://two.example/, timeout_ms: 900 }');
    expect(parseSurfacesFile(text, 'surfaces.yaml').selfChecks).toEqual([
      {
        id: 'self-check one.example',
        url: 'https://one.example/ok',
        timeoutMs: 5_000,
        degradedAfterMs: 5_000,
        expect: { status: [200, 299], bodyContains: null },
      },
      expect.objectContaining({ url: 'https://two.example/', timeoutMs: 900 }),
    ]);
    expect(parseSurfacesFile('surfaces: []', 'surfaces.yaml').selfChecks).toEqual([]);
  });

  it('may have a proxy and certificate authorities of their own', () => {
    const text = file('  - { url: https://one.example/, proxy: http://proxy.example:3128, ca_file: /etc/ca.pem }');
    expect(parseSurfacesFile(text, 'surfaces.yaml').selfChecks).toEqual([
      expect.objectContaining({
        request: expect.objectContaining({ method: 'GET', proxy: 'http://proxy.example:3128', caFile: '/etc/ca.pem' }),
      }),
    ]);
  });

  it.each([
    ['  - url: ftp://one.example/', 'line 3: self_check.0.url cannot be used as it is; write an address'],
    ['  - timeout_ms: 100', 'line 3: self_check.0.url is missing'],
    ['  - { url: https://one.example/, name: x }', 'write one of url, timeout_ms, expect'],
  ])('%s is refused with its line', (targets, said) => {
    expect(() => parseSurfacesFile(file(targets), 'surfaces.yaml')).toThrow(said);
  });
});
