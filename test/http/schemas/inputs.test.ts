import { afterEach, describe, expect, it, vi } from 'vitest';
import { discardReason, maintenanceForm, maintenanceWindow } from '../../../src/http/schemas/inputs.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('maintenance input', () => {
  it('the maintenance form gives an end relative to now', () => {
    vi.useFakeTimers({ now: new Date('2026-05-05T14:00:00Z') });
    const window = maintenanceForm.parse({ minutes: '120', reason: 'New disks' });
    expect(window).toEqual({ until: new Date('2026-05-05T16:00:00Z'), reason: 'New disks' });
  });

  it('maintenance must end in the future', () => {
    vi.useFakeTimers({ now: new Date('2026-05-05T14:00:00Z') });
    expect(maintenanceWindow.safeParse({ until: '2026-05-05T14:00:00Z', reason: 'x' }).success).toBe(false);
    expect(maintenanceWindow.safeParse({ until: '2026-05-05T16:00:01+02:00', reason: 'x' }).success).toBe(true);
  });
});

describe('a written reason', () => {
  const reasonOf = (reason: string) => discardReason.parse({ reason }).reason;

  it('characters that reorder or hide text are removed from a reason', () => {
    expect(reasonOf('\u202efdp\u200b is \u2066old\u2069')).toBe('fdp is old');
  });

  it('joined emoji and scripts with non-joiners stay in a reason', () => {
    for (const text of ['👩\u200d🚒 ❤\ufe0f', 'می\u200cخواهم']) expect(reasonOf(text)).toBe(text);
  });

  it.each(['\u202e\u200b', ' \u200b ', '\u200d', '\u3164'])(
    'a reason of which nothing can be seen is refused: %j',
    (reason) => {
      expect(discardReason.safeParse({ reason }).error?.issues).toMatchObject([
        { path: ['reason'], message: 'Expected text, not only spaces' },
      ]);
    },
  );
});
