import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { trayMenu, type Acts } from '../../electron/main/menu.ts';
import { answerOf, BUTTONS } from '../../electron/main/noticeAnswer.ts';
import type { Seen } from '../../electron/main/nodeView.ts';
import { popoverPlace } from '../../electron/main/windowPlace.ts';
import { ApprovalId, TaskId } from '../../shared/model/ids.ts';
import type { Notice } from '../../shared/model/notice.ts';

const acts = () =>
  ({
    openPopover: vi.fn(),
    openDashboard: vi.fn(),
    answer: vi.fn(),
    pause: vi.fn(),
    drain: vi.fn(),
    startNode: vi.fn(),
    openAtLogin: vi.fn(),
    quit: vi.fn(),
  }) satisfies Acts;

const seen = (more: Partial<Seen>): Seen => ({
  glance: { state: 'idle', waiting: 0, text: 'Nothing to do.' },
  paused: false,
  draining: false,
  approvals: [],
  reviews: [],
  ...more,
});

const labels = (menu: readonly MenuItemConstructorOptions[]) => menu.map(({ label }) => label);

describe('the menu of the icon', () => {
  it('shows what a question says as one line of plain text', () => {
    const text = `Allow a & b\n\u202etxt.exe ${'x'.repeat(100)}`;
    const approvals = [{ id: ApprovalId.parse('A-1'), text, task: null }];
    const label = trayMenu(seen({ approvals }), false, acts()).find(
      ({ submenu }) => submenu,
    )?.label;
    expect(label).toMatch(/^Allow a && b txt\.exe x+…$/);
    expect(label?.length).toBeLessThan(70);
  });

  it('has a result looked at before it is answered', () => {
    const reviews = [{ id: TaskId.parse('T-3'), title: 'Mend it' }];
    const menu = trayMenu(seen({ reviews }), false, acts());
    expect(labels(menu)).toContain('Review T-3: Mend it');
    expect(menu.every(({ submenu }) => submenu === undefined)).toBe(true);
  });

  it('offers to start a node that is away, and nothing that needs one', () => {
    const away = seen({ glance: { state: 'offline', waiting: 0, text: 'It does not answer.' } });
    const menu = labels(trayMenu(away, false, acts()));
    expect(menu).toContain('Start the node');
    expect(menu).not.toContain('Pause');
  });
});

describe('a button on a notification', () => {
  const pressed = (answers: Notice['answers'], button: string) =>
    answerOf(
      { answers },
      BUTTONS.findIndex((text) => text === button),
    );

  it('answers what it stands on, in the words of that', () => {
    const approval = { approval: ApprovalId.parse('A-1') };
    const task = { task: TaskId.parse('T-3') };
    expect(pressed(approval, 'Approve')).toMatchObject({
      path: '/v1/approvals/A-1',
      body: { answer: 'approved' },
    });
    expect(pressed(approval, 'Deny')?.body).toMatchObject({ answer: 'denied' });
    expect(pressed(task, 'Deny')).toMatchObject({
      path: '/v1/reviews/T-3',
      body: { answer: 'rejected' },
    });
  });

  it('answers nothing where nothing is asked, or where there is no such button', () => {
    expect(pressed(null, 'Approve')).toBeNull();
    expect(pressed({ task: TaskId.parse('T-3') }, 'Later')).toBeNull();
  });
});

describe('the place of the popover', () => {
  const screen = { x: 0, y: 0, width: 1_400, height: 900 };
  const size = { width: 372, height: 400 };
  const pointer = { x: 700, y: 880 };

  it('hangs from an icon at the top, and stands on one at the bottom', () => {
    const top = popoverPlace({ x: 600, y: 0, width: 24, height: 24 }, pointer, screen, size);
    expect(top).toEqual({ x: 426, y: 28, width: 372, height: 400 });
    const low = popoverPlace({ x: 600, y: 876, width: 24, height: 24 }, pointer, screen, size);
    expect(low.y).toBe(472);
  });

  it('stays on the screen, and by the pointer where nobody says where the icon is', () => {
    const corner = popoverPlace({ x: 1_390, y: 0, width: 24, height: 24 }, pointer, screen, size);
    expect(corner.x).toBe(1_400 - 372 - 8);
    expect(popoverPlace(null, pointer, screen, size)).toMatchObject({ x: 514, y: 492 });
    const huge = popoverPlace(null, pointer, screen, { width: 372, height: 5_000 });
    expect(huge).toMatchObject({ y: 8, height: 884 });
  });
});
