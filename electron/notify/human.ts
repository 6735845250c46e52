import { z } from 'zod';
import { Bus, type BusCall } from './bus.ts';

/** Of a human at this machine: since the last input, ms, and whether the screen is locked. */
export interface HumanSeen {
  readonly idleMs: number;
  readonly locked: boolean;
}

const Number1 = z.tuple([z.coerce.number().nonnegative()]);
const Boolean1 = z.tuple([z.boolean()]);
const LOGIN = 'org.freedesktop.login1';
/** A variant, as the library gives it: its type, and its values. */
const Variant = z.tuple([z.tuple([z.unknown(), z.tuple([z.unknown()])])]);
const Display = z.tuple([z.string(), z.string()]);

/**
 * Asks this machine's desktop for its human; null where nobody says. Input alone counts, not the work of programs.
 * GNOME and KDE tell the time of the last input; logind, of any desktop, tells when the desktop took it for idle.
 */
export class HumanWatch {
  private readonly session: Bus | null;
  private readonly system: Bus | null;

  private constructor(session: Bus | null, system: Bus | null) {
    this.session = session;
    this.system = system;
  }

  /** Connects to the buses that there are; null when there is none. */
  static async connect(addresses: {
    readonly session: string;
    readonly system: string;
  }): Promise<HumanWatch | null> {
    const open = (address: string) => Bus.connect(address).catch(() => null);
    const session = await open(addresses.session);
    const system = await open(addresses.system);
    return session || system ? new HumanWatch(session, system) : null;
  }

  async look(nowMs: number): Promise<HumanSeen | null> {
    const login = await this.login(nowMs);
    const idleMs = (await this.sessionIdle()) ?? login?.idleMs ?? null;
    if (idleMs === null) return null;
    const locked = (await this.sessionLocked()) ?? login?.locked ?? false;
    return { idleMs, locked };
  }

  close(): void {
    this.session?.close();
    this.system?.close();
  }

  private async sessionIdle(): Promise<number | null> {
    const gnome = await this.ask(this.session, Number1, {
      destination: 'org.gnome.Mutter.IdleMonitor',
      path: '/org/gnome/Mutter/IdleMonitor/Core',
      interface: 'org.gnome.Mutter.IdleMonitor',
      member: 'GetIdletime',
    });
    if (gnome) return gnome[0];
    const others = await this.ask(this.session, Number1, screenSaver('GetSessionIdleTime'));
    // The specification has it in seconds.
    return others ? others[0] * 1_000 : null;
  }

  private async sessionLocked(): Promise<boolean | null> {
    const gnome = await this.ask(this.session, Boolean1, {
      destination: 'org.gnome.ScreenSaver',
      path: '/org/gnome/ScreenSaver',
      interface: 'org.gnome.ScreenSaver',
      member: 'GetActive',
    });
    return (
      (gnome ?? (await this.ask(this.session, Boolean1, screenSaver('GetActive'))))?.[0] ?? null
    );
  }

  /** What logind says of the graphical session of this user. */
  private async login(nowMs: number): Promise<HumanSeen | null> {
    const display = Display.safeParse(
      await this.property('/org/freedesktop/login1/user/self', 'User', 'Display'),
    );
    // Only a remote shell, or nobody: there is no screen to be at.
    if (!display.success || display.data[0] === '') return null;
    const path = display.data[1];
    const idle = await this.property(path, 'Session', 'IdleHint');
    if (typeof idle !== 'boolean') return null;
    const since = z.coerce
      .number()
      .safeParse(await this.property(path, 'Session', 'IdleSinceHint'));
    const locked = (await this.property(path, 'Session', 'LockedHint')) === true;
    const sinceMs = since.success ? since.data / 1_000 : nowMs;
    return { idleMs: idle ? Math.max(0, nowMs - sinceMs) : 0, locked };
  }

  private async property(path: string, of: 'User' | 'Session', name: string): Promise<unknown> {
    const found = await this.ask(this.system, Variant, {
      ...{ destination: LOGIN, path, interface: 'org.freedesktop.DBus.Properties', member: 'Get' },
      ...{ signature: 'ss', body: [`${LOGIN}.${of}`, name] },
    });
    return found?.[0][1][0] ?? null;
  }

  /** What a service says; null when there is none, or what it says can't be read. */
  private async ask<T>(bus: Bus | null, shape: z.ZodType<T>, call: BusCall): Promise<T | null> {
    if (!bus) return null;
    const values = await bus.call(call).catch(() => null);
    return shape.safeParse(values).data ?? null;
  }
}

function screenSaver(member: string): BusCall {
  return {
    destination: 'org.freedesktop.ScreenSaver',
    path: '/org/freedesktop/ScreenSaver',
    interface: 'org.freedesktop.ScreenSaver',
    member,
  };
}
