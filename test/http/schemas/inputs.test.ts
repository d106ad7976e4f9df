import { afterEach, describe, expect, it, vi } from 'vitest';
import { maintenanceForm, maintenanceWindow } from '../../../src/http/schemas/inputs.ts';

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
