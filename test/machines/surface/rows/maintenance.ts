import { minutes, wait } from '../../support/driver.ts';
import { inDoubt } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import {
  click,
  down,
  fileMaintenance,
  fileMaintenanceEnded,
  isDown,
  isUp,
  laterMaintenance,
  longerFileMaintenance,
  maintenance,
  maintenanceEnded,
  up,
} from '../surfaceEvents.ts';

/** As after a step back of the clock: the delays of timers begin again, while windows end at an instant. */
const timerOfEnd = { type: 'xstate.after.untilMaintenanceEnds.surface.maintenance.on' };

const EARLY = '2026-05-05T14:04:00.000Z';
const shortByOther = { ...maintenance, until: EARLY, reason: 'deploy', by: 'deploy script' };

/** Maintenance, and what it holds back. */
export const rows: Row[] = [
  row('maintenance begins, and is audited', isUp, maintenance, 'maintenance.on', 'audit maintenance_started new disks'),
  row('an outage under maintenance emits nothing', [up, maintenance, down], down, 'health.outage.down'),
  row(
    'an alert raised before maintenance resolves with its outage',
    [...isDown, maintenance, up],
    up,
    'health.operational',
    'emitAlert resolved P1',
  ),
  row(
    'a person ends maintenance early',
    [up, maintenance],
    maintenanceEnded,
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    'maintenance ends at its time',
    [up, maintenance, wait(minutes(60) - 1)],
    wait(1),
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row('a timer that fires before the window is over changes nothing', [up, maintenance], timerOfEnd, 'maintenance.on'),
  row(
    'maintenance ends at its time, although its timer fired before',
    [up, maintenance, wait(minutes(1)), timerOfEnd, wait(minutes(59) - 1)],
    wait(1),
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    'maintenance that is set again ends at the new time',
    [up, maintenance, { ...maintenance, until: '2026-05-05T16:00:00.000Z' }],
    wait(minutes(60)),
    'maintenance.on',
  ),
  row(
    "the file's window that ends leaves an operator's window in force",
    [up, maintenance, fileMaintenance],
    fileMaintenanceEnded,
    'maintenance.on',
  ),
  row(
    "another operator's shorter window does not shorten maintenance",
    [up, maintenance, shortByOther],
    wait(minutes(59)),
    'maintenance.on',
  ),
  row(
    "maintenance ends with the last operator's window",
    [up, maintenance, shortByOther, wait(minutes(60) - 1)],
    wait(1),
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    "an operator who shortens a window leaves another operator's window in force",
    [up, maintenance, { ...shortByOther, until: '2026-05-05T14:50:00.000Z' }, { ...maintenance, until: EARLY }],
    wait(minutes(49)),
    'maintenance.on',
  ),
  row(
    'an operator who sets a window again with an earlier end shortens maintenance',
    [up, maintenance, { ...maintenance, until: EARLY }, wait(minutes(4) - 1)],
    wait(1),
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    'a person ends the windows of all operators',
    [up, maintenance, shortByOther],
    maintenanceEnded,
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    "the file's window that ends leaves the windows of two operators in force",
    [up, maintenance, shortByOther, fileMaintenance, fileMaintenanceEnded],
    wait(minutes(59)),
    'maintenance.on',
  ),
  row('a file without a window changes nothing', [up, maintenance], fileMaintenanceEnded, 'maintenance.on'),
  row(
    "maintenance lasts until the later of an operator's window and the file's ends",
    [up, { ...maintenance, until: '2026-05-05T16:00:00.000Z' }, fileMaintenance],
    wait(minutes(119)),
    'maintenance.on',
  ),
  row(
    'a person who ends maintenance ends the window of the file as well',
    [up, maintenance, fileMaintenance],
    maintenanceEnded,
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    'a window of the file that a person ended is not set again',
    [up, fileMaintenance, maintenanceEnded],
    fileMaintenance,
    'maintenance.off',
  ),
  row(
    'a window of the file with another end is set again',
    [up, fileMaintenance, maintenanceEnded],
    longerFileMaintenance,
    'maintenance.on',
    'audit maintenance_started new racks',
  ),
  row(
    'a window of the file with another end that is edited back is set again',
    [up, fileMaintenance, maintenanceEnded, longerFileMaintenance],
    fileMaintenance,
    'maintenance.on',
    'audit maintenance_started new racks',
  ),
  row(
    'a window of the file that is edited back ends at its time',
    [up, fileMaintenance, maintenanceEnded, longerFileMaintenance, fileMaintenance, wait(minutes(60) - 1)],
    wait(1),
    'maintenance.off',
    'audit maintenance_ended new racks',
  ),
  row(
    'a window of the file that a person ended stays ended when an operator sets another one',
    [up, fileMaintenance, maintenanceEnded, laterMaintenance],
    fileMaintenance,
    'maintenance.on',
  ),
  row(
    'maintenance leaves a filing under way alone',
    [...isDown, click('a')],
    maintenance,
    'health.outage.down investigation.filing maintenance.on',
    'audit maintenance_started new disks',
  ),
  row(
    'maintenance that is set again leaves a filing under way alone',
    [...isDown, click('a'), maintenance],
    laterMaintenance,
    'health.outage.down investigation.filing maintenance.on',
    'audit maintenance_started more disks',
  ),
  row(
    'an outage that outlasts maintenance is emitted with the next check',
    [up, maintenance, down, down, maintenanceEnded],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row('a click under maintenance is refused', [...isDown, maintenance], click('a'), '', 'answer a refused MAINTENANCE'),
  row(
    'a click under maintenance is refused while an older one is in doubt',
    [...isDown, click('a'), inDoubt, maintenance],
    click('b'),
    'investigation.doubtful',
    'answer b refused MAINTENANCE',
  ),
];
