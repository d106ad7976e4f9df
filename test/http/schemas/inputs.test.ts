import { afterEach, describe, expect, it, vi } from 'vitest';
import { maintenanceForm, maintenanceWindow } from '../../../src/http/schemas/inputs.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('maintenance', () => {
  it('from the page lasts as long as it says from now on', () => {
    vi.useFakeTimers({ now: new Date('2026-05-05T14:00:00Z') });
    const window = maintenanceForm.parse({ minutes: '120', reason: 'New disks' });
    expect(window).toEqual({ until: new Date('2026-05-05T16:00:00Z'), reason: 'New disks' });
  });

  it('ends in the future or not at all', () => {
    vi.useFakeTimers({ now: new Date('2026-05-05T14:00:00Z') });
    expect(maintenanceWindow.safeParse({ until: '2026-05-05T14:00:00Z', reason: 'x' }).success).toBe(false);
    expect(maintenanceWindow.safeParse({ until: '2026-05-05T16:00:01+02:00', reason: 'x' }).success).toBe(true);
  });
});
