import { z } from 'zod';
import type { Notice } from '../../shared/model/notice.ts';
import { Bus } from './bus.ts';
import { LeftOnScreen } from './leftOnScreen.ts';

const SERVICE = 'org.freedesktop.Notifications';
const OBJECT = { path: '/org/freedesktop/Notifications', interface: SERVICE };
/** Of the specification's levels: critical ones stay until they are dealt with. */
const URGENCY = { news: 0, ask: 1, critical: 2 } as const;
/** Stays until it is closed; news may go as the desktop likes. */
const STAYS = 0;
const AS_THE_DESKTOP_LIKES = -1;
/** Of `NotificationClosed`: the human did it. */
const BY_THE_HUMAN = 2;

const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
const Text = z.tuple([z.string()]);
const Shown = z.tuple([z.number().int().positive()]);
const Capabilities = z.tuple([z.array(z.string())]);
const ActionInvoked = z.tuple([z.number(), z.string()]).rest(z.unknown());
const Closed = z.tuple([z.number(), z.number()]).rest(z.unknown());
const OwnerChanged = z.tuple([z.string(), z.string(), z.string()]).rest(z.unknown());

/** What a human did with a notification. */
export type NoticeAct = 'approve' | 'deny' | 'open' | 'dismiss';

export interface DesktopOptions {
  readonly address: string;
  /** Where is kept what is on the screen, for the start after a crash. */
  readonly file: string;
  /** A human acted on a notice. */
  readonly acted: (notice: string, act: NoticeAct) => void;
  /** It is off the screen, by the human's hand or by itself. */
  readonly closed: (notice: string, byHuman: boolean) => void;
  /** Whether it can show may be different, or what was shown is gone. */
  readonly changed: () => void;
}

/** Notifications on the desktop of this machine, over the session bus, with buttons where the desktop has them. */
export class Desktop {
  private readonly bus: Bus;
  private readonly options: DesktopOptions;
  /** By notice: the number that the desktop knows it by. */
  private readonly up = new Map<string, number>();
  private readonly left: LeftOnScreen;
  /** What tells this desktop from another: its connection to this bus, which no other ever has. */
  private name: string | null = null;
  private capabilities: readonly string[] | null = null;
  private ended = false;
  /** Known to be absent: the last try found nobody, and nobody came since. */
  private absent = false;

  private constructor(bus: Bus, options: DesktopOptions) {
    this.bus = bus;
    this.options = options;
    this.left = new LeftOnScreen(options.file);
  }

  /** Connects, and takes off what a node that was killed had left. Throws `peer-unreachable` where there is no session bus. */
  static async connect(options: DesktopOptions): Promise<Desktop> {
    const bus = await Bus.connect(options.address);
    const desktop = new Desktop(bus, options);
    bus.onEnd(() => desktop.lost());
    await bus.on(SERVICE, { ...OBJECT, member: 'ActionInvoked' }, (body) => {
      const action = ActionInvoked.safeParse(body);
      // What `Notify` answered may have come with it, and is taken in first.
      if (action.success) setImmediate(() => desktop.invoked(action.data[0], action.data[1]));
    });
    await bus.on(SERVICE, { ...OBJECT, member: 'NotificationClosed' }, (body) => {
      const closed = Closed.safeParse(body);
      if (closed.success) setImmediate(() => desktop.closed(closed.data[0], closed.data[1]));
    });
    await bus.on(
      'org.freedesktop.DBus',
      {
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus',
        member: 'NameOwnerChanged',
      },
      (body) => {
        const change = OwnerChanged.safeParse(body);
        if (change.success && change.data[0] === SERVICE) desktop.ownerChanged(change.data[2]);
      },
    );
    await desktop.takeOffLeft();
    return desktop;
  }

  /** Whether a notification may reach a screen; false once nobody answered for notifications. */
  get works(): boolean {
    return !this.ended && !this.absent;
  }

  get connected(): boolean {
    return !this.ended;
  }

  shows(notice: string): boolean {
    return this.up.has(notice);
  }

  /** Those that are on the screen. */
  get shown(): string[] {
    return [...this.up.keys()];
  }

  /** Shows a notice, in the place of itself when it is there already. Throws `peer-unreachable`. */
  async show(notice: Notice): Promise<void> {
    try {
      this.capabilities ??= Capabilities.parse(
        await this.bus.call({
          ...{ destination: SERVICE, ...OBJECT, member: 'GetCapabilities' },
          start: true,
        }),
      )[0];
    } catch (error) {
      this.absent = true;
      throw error;
    }
    this.name ??= await this.askName();
    const has = (capability: string) => this.capabilities?.includes(capability) === true;
    const replaced = this.up.get(notice.id) ?? 0;
    const [id] = Shown.parse(
      await this.bus.call({
        ...{ destination: SERVICE, ...OBJECT, member: 'Notify', start: true },
        signature: 'susssasa{sv}i',
        body: [
          'Vigil',
          replaced,
          'vigil',
          notice.title,
          has('body-markup') ? withoutMarkup(notice.text) : notice.text,
          has('actions') ? actionsOf(notice) : [],
          [
            ['urgency', ['y', URGENCY[notice.level]]],
            ['desktop-entry', ['s', 'vigil']],
            ['category', ['s', 'vigil']],
          ],
          notice.level === 'news' ? AS_THE_DESKTOP_LIKES : STAYS,
        ],
      }),
    );
    this.up.set(notice.id, id);
    this.keep();
  }

  /** Takes a notice off the screen, if it is there. Never throws: one that is gone is as well. */
  async hide(notice: string): Promise<void> {
    const id = this.up.get(notice);
    if (id === undefined) return;
    this.up.delete(notice);
    await this.takeOff(id);
    this.keep();
  }

  /** Takes everything off the screen and lets go of the bus. */
  async close(): Promise<void> {
    await Promise.all(this.shown.map((notice) => this.hide(notice)));
    this.ended = true;
    this.bus.close();
  }

  private invoked(id: number, action: string): void {
    const notice = this.noticeOf(id);
    if (notice === null) return;
    if (action === 'default') this.options.acted(notice, 'open');
    else if (action === 'approve' || action === 'deny' || action === 'dismiss')
      this.options.acted(notice, action);
  }

  private closed(id: number, reason: number): void {
    const notice = this.noticeOf(id);
    if (notice === null) return;
    this.up.delete(notice);
    this.keep();
    this.options.closed(notice, reason === BY_THE_HUMAN);
  }

  /** The notifications of the desktop have ended or begun anew: what was shown is gone. */
  private ownerChanged(owner: string): void {
    this.up.clear();
    this.name = null;
    this.keep();
    this.capabilities = null;
    this.absent = owner === '';
    this.options.changed();
  }

  private lost(): void {
    if (this.ended) return;
    this.ended = true;
    this.up.clear();
    this.options.changed();
  }

  private async takeOffLeft(): Promise<void> {
    this.name = await this.askName();
    for (const id of this.name === null ? [] : this.left.read(this.name)) await this.takeOff(id);
    this.keep();
  }

  private takeOff(id: number): Promise<unknown> {
    return this.bus
      .call({
        ...{ destination: SERVICE, ...OBJECT, member: 'CloseNotification' },
        ...{ signature: 'u', body: [id] },
      })
      .catch(() => undefined);
  }

  private keep(): void {
    this.left.write(this.name, [...this.up.values()]);
  }

  /** Null while there is no desktop. */
  private async askName(): Promise<string | null> {
    try {
      const [bus] = Text.parse(await this.bus.call({ ...BUS, member: 'GetId' }));
      const owner = await this.bus.call({
        ...{ ...BUS, member: 'GetNameOwner' },
        ...{ signature: 's', body: [SERVICE] },
      });
      return `${bus}${Text.parse(owner)[0]}`;
    } catch {
      return null;
    }
  }

  private noticeOf(id: number): string | null {
    for (const [notice, shown] of this.up) if (shown === id) return notice;
    return null;
  }
}

/** Key and label by turns, as the specification has them. `default` is a click on the notification itself. */
function actionsOf({ answers }: Notice): string[] {
  const rest = answers === null ? ['dismiss', 'Got it'] : ['approve', 'Approve', 'deny', 'Deny'];
  return ['default', 'Open', ...rest];
}

/** Text for a body in which markup would be read. */
function withoutMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
