import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dbus, { type MessageBus } from '@homebridge/dbus-native';
import { onTestFinished } from 'vitest';

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';

/** A message bus of a test's own; its address. */
export async function privateBus(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bus-'));
  const child = spawn(
    'dbus-daemon',
    ['--session', '--nofork', '--print-address=1', `--address=unix:path=${folder}/bus`],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  onTestFinished(() => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the bus did not start')));
  });
  return address;
}

/** One notification as a desktop has it. */
export interface Shown {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  /** Key and label by turns. */
  readonly actions: readonly string[];
  readonly urgency: unknown;
}

/** Plays the desktop on a real bus: it keeps what is shown, and does what a human would. */
export class PlayedDesktop {
  readonly up = new Map<number, Shown>();
  /** All that were ever shown. */
  readonly history: Shown[] = [];
  private readonly bus: MessageBus;
  private readonly socket: Socket;
  private changed: () => void = () => {};
  private last = 0;
  /** Set: it refuses to show anything, for this reason. */
  refuses: string | null = null;

  private constructor(bus: MessageBus, socket: Socket) {
    this.bus = bus;
    this.socket = socket;
  }

  static async start(
    address: string,
    capabilities: readonly string[] = ['actions', 'body', 'body-markup'],
  ): Promise<PlayedDesktop> {
    const socket = createConnection(address.replace(/^unix:path=/, '').split(',')[0] ?? '');
    const bus = dbus.createClient({ stream: socket });
    bus.connection.on('error', () => undefined);
    const desktop = new PlayedDesktop(bus, socket);
    bus.exportInterface(desktop.methods(capabilities), PATH, {
      name: NAME,
      methods: {
        GetCapabilities: ['', 'as'],
        GetServerInformation: ['', 'ssss'],
        Notify: ['susssasa{sv}i', 'u'],
        CloseNotification: ['u', ''],
      },
    });
    await new Promise<void>((resolve, reject) =>
      bus.requestName(NAME, 0, (error) =>
        error ? reject(new Error(JSON.stringify(error))) : resolve(),
      ),
    );
    onTestFinished(() => desktop.stop());
    return desktop;
  }

  /** Ends it, as when the desktop's shell crashes. */
  stop(): void {
    this.socket.destroy();
  }

  /** The human presses a button, or clicks on the notification (`default`). */
  press(id: number, action: string): void {
    this.bus.sendSignal(PATH, NAME, 'ActionInvoked', 'us', [id, action]);
  }

  /** The human puts it away. */
  putAway(id: number): void {
    this.closed(id, 2);
  }

  /** Resolves with the notification on the screen whose title has this in it. */
  async sees(title: string): Promise<Shown> {
    return this.until(() => [...this.up.values()].find((one) => one.title.includes(title)));
  }

  /** Resolves when there is none such on the screen any more. */
  async gone(title: string): Promise<void> {
    await this.until(
      () => [...this.up.values()].every((one) => !one.title.includes(title)) || undefined,
    );
  }

  /** Resolves once `look` finds something; it looks after every change of the screen. */
  until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const before = this.changed;
      this.changed = () => {
        before();
        const found = look();
        if (found !== undefined) resolve(found);
      };
      this.changed();
    });
  }

  private closed(id: number, reason: number): void {
    if (!this.up.delete(id)) return;
    this.bus.sendSignal(PATH, NAME, 'NotificationClosed', 'uu', [id, reason]);
    this.changed();
  }

  private methods(capabilities: readonly string[]) {
    return {
      GetCapabilities: () => [...capabilities],
      GetServerInformation: () => ['played', 'Vigil', '1', '1.2'],
      Notify: (
        _app: string,
        replaces: number,
        _icon: string,
        title: string,
        body: string,
        actions: string[],
        hints: [string, [unknown, [unknown]]][],
      ) => {
        if (this.refuses !== null) throw new Error(this.refuses);
        const id = replaces || (this.last += 1);
        const urgency = hints.find(([key]) => key === 'urgency')?.[1][1][0];
        const shown = { id, title, body, actions, urgency };
        this.up.set(id, shown);
        this.history.push(shown);
        // A human can act on it only once it has been said to be there.
        setImmediate(() => this.changed());
        return id;
      },
      CloseNotification: (id: number) => {
        this.closed(id, 3);
      },
    };
  }
}
