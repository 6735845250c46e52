import type { MenuItemConstructorOptions } from 'electron';
import type { ApprovalId } from '../../shared/model/ids.ts';
import type { Seen } from './nodeView.ts';

/** What one can do from the menu of the icon. */
export interface Acts {
  openPopover(): void;
  openDashboard(place: string): void;
  answer(approval: ApprovalId, verdict: 'approved' | 'denied'): void;
  pause(paused: boolean): void;
  drain(drain: boolean): void;
  startNode(): void;
  openAtLogin(wanted: boolean): void;
  quit(): void;
}

/** A line of a menu is as long, characters; the whole is on the page. */
const LABEL_LENGTH = 64;
/** Of the questions so many are in the menu; the others are on the page. */
const LISTED = 8;

/** The menu of the icon: all that many Linux desktops show of it. */
export function trayMenu(
  seen: Seen,
  opensAtLogin: boolean,
  acts: Acts,
): MenuItemConstructorOptions[] {
  const { glance, paused, draining, approvals, reviews } = seen;
  const isOffline = glance.state === 'offline';
  const questions: MenuItemConstructorOptions[] = approvals
    .slice(0, LISTED)
    .map(({ id, text }) => ({
      label: oneLine(text),
      submenu: [
        { label: 'Approve', click: () => acts.answer(id, 'approved') },
        { label: 'Deny', click: () => acts.answer(id, 'denied') },
        { label: 'Show…', click: () => acts.openDashboard(`/approvals?show=${id}`) },
      ],
    }));
  // A no to a result needs a reason, and a yes a look.
  const results: MenuItemConstructorOptions[] = reviews.slice(0, LISTED).map(({ id, title }) => ({
    label: oneLine(`Review ${id}: ${title}`),
    click: () => acts.openDashboard(`/approvals?show=${id}`),
  }));
  const waiting = [...questions, ...results];
  const running: MenuItemConstructorOptions[] = isOffline
    ? [{ label: 'Start the node', click: () => acts.startNode() }]
    : [
        {
          label: paused ? 'Resume' : 'Pause',
          click: () => acts.pause(!paused),
        },
        {
          label: draining ? 'Take work again' : 'Drain: finish what runs',
          click: () => acts.drain(!draining),
        },
      ];
  return [
    { label: oneLine(glance.text), enabled: false },
    { label: 'Open Vigil', click: () => acts.openDashboard('/') },
    { label: 'At a glance', click: () => acts.openPopover() },
    { type: 'separator' },
    ...waiting,
    ...(waiting.length > 0 ? [{ type: 'separator' } as const] : []),
    ...running,
    { type: 'separator' },
    {
      label: 'Open at login',
      type: 'checkbox',
      checked: opensAtLogin,
      click: ({ checked }) => acts.openAtLogin(checked),
    },
    { label: 'Quit Vigil', click: () => acts.quit() },
  ];
}

/** Line breaks, control characters, and what turns the direction of writing. */
const UNSEEN = /[\s\p{Cc}\p{Cf}]+/gu;

/** Text from outside in one line of a menu, in which `&` would mark a key. */
function oneLine(text: string): string {
  const line = text.replace(UNSEEN, ' ').trim();
  const short = line.length > LABEL_LENGTH ? `${line.slice(0, LABEL_LENGTH - 1)}…` : line;
  return short.replaceAll('&', '&&');
}
