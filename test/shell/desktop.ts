import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import dbus, { type MessageBus } from '@homebridge/dbus-native';
import { z } from 'zod';

/** What the library has for services, too: an icon's desktop has properties. */
declare module '@homebridge/dbus-native' {
  interface MessageBus {
    requestName(name: string, flags: number, callback: (error: unknown) => void): void;
    exportInterface(
      methods: object,
      path: string,
      description: {
        name: string;
        methods: Readonly<Record<string, readonly [string, string]>>;
        properties: Readonly<Record<string, string>>;
      },
    ): void;
  }
}

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ITEM = 'org.kde.StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';
const BUS = 'org.freedesktop.DBus';
const BUS_PATH = '/org/freedesktop/DBus';

/** A value of a type that its message names: the library gives its parsed type and a list of one. */
const variant = z.tuple([z.unknown(), z.tuple([z.unknown()])]).transform(([, [value]]) => value);
const layout = z.tuple([z.number(), z.array(z.tuple([z.string(), variant])), z.array(z.unknown())]);

/** An entry of a menu as the desktop has it. */
export interface Entry {
  readonly id: number;
  readonly label: string;
  readonly entries: readonly Entry[];
}

/** A screen and a session bus of a test's own, on which it plays the part of the desktop that shows icons. */
export class Desktop {
  /** What a program needs to be shown on it. */
  readonly env: Readonly<Record<string, string>>;
  private readonly children: readonly ChildProcess[];
  private readonly folder: string;
  private readonly socket: Socket;
  private readonly bus: MessageBus;
  /** Services of the icons that registered, each at its own path. */
  private readonly items: { readonly service: string; readonly path: string }[] = [];

  private constructor(
    env: Readonly<Record<string, string>>,
    children: readonly ChildProcess[],
    folder: string,
    socket: Socket,
  ) {
    this.env = env;
    this.children = children;
    this.folder = folder;
    this.socket = socket;
    this.bus = dbus.createClient({ stream: socket });
    this.bus.connection.on('error', () => undefined);
  }

  static async start(): Promise<Desktop> {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-desktop-'));
    const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x900x24'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const daemon = spawn(
      'dbus-daemon',
      ['--session', '--nofork', '--print-address=1', `--address=unix:path=${folder}/bus`],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const [display, address] = await Promise.all([
      firstLine(screen.stdio[3] as Readable),
      firstLine(daemon.stdout),
    ]);
    const socket = createConnection(join(folder, 'bus'));
    await once(socket, 'connect');
    const env = { DISPLAY: `:${display}`, DBUS_SESSION_BUS_ADDRESS: address };
    const desktop = new Desktop(env, [screen, daemon], folder, socket);
    await desktop.watchIcons();
    return desktop;
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    await Promise.all(
      this.children.map(async (child) => {
        const ended = once(child, 'exit');
        child.kill();
        await ended;
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** How many icons there are, of programs that run. */
  get icons(): number {
    return this.items.length;
  }

  /** What the icon says of itself, e.g. `ToolTip`. */
  async property(name: string): Promise<unknown> {
    const { service, path } = this.item();
    const [value] = await this.call(service, path, 'org.freedesktop.DBus.Properties', 'Get', 'ss', [
      ITEM,
      name,
    ]);
    return variant.parse(value);
  }

  /** A click on the icon, where the desktop passes clicks on. */
  async activate(): Promise<void> {
    const { service, path } = this.item();
    await this.call(service, path, ITEM, 'Activate', 'ii', [0, 0]);
  }

  /** The icon's menu. */
  async menu(): Promise<readonly Entry[]> {
    const { service } = this.item();
    const path = z.string().parse(await this.property('Menu'));
    const [, root] = await this.call(service, path, MENU, 'GetLayout', 'iias', [0, -1, []]);
    return entryOf(root).entries;
  }

  /** Clicks on the entry with this label, below the ones before it. */
  async click(...labels: readonly string[]): Promise<void> {
    const { service } = this.item();
    const path = z.string().parse(await this.property('Menu'));
    let entries = await this.menu();
    let found: Entry | undefined;
    for (const label of labels) {
      found = entries.find((entry) => entry.label.includes(label));
      if (!found)
        throw new Error(`no ${label} among ${entries.map((one) => one.label).join(', ')}`);
      entries = found.entries;
    }
    const body = [found?.id ?? 0, 'clicked', ['s', ''], 0];
    await this.call(service, path, MENU, 'Event', 'isvu', body);
  }

  private item(): { readonly service: string; readonly path: string } {
    const item = this.items.at(-1);
    if (!item) throw new Error('no icon has registered');
    return item;
  }

  private async watchIcons(): Promise<void> {
    const { bus, items } = this;
    const watcher = {
      RegisterStatusNotifierItem: (name: string) => {
        // A bus name, or a path of the sender; Electron gives its name.
        items.push({ service: name, path: '/StatusNotifierItem' });
      },
      RegisterStatusNotifierHost: () => undefined,
      IsStatusNotifierHostRegistered: true,
      ProtocolVersion: 0,
      RegisteredStatusNotifierItems: [],
    };
    bus.exportInterface(watcher, '/StatusNotifierWatcher', {
      name: WATCHER,
      methods: {
        RegisterStatusNotifierItem: ['s', ''],
        RegisterStatusNotifierHost: ['s', ''],
      },
      properties: {
        IsStatusNotifierHostRegistered: 'b',
        ProtocolVersion: 'i',
        RegisteredStatusNotifierItems: 'as',
      },
    });
    const rule = `type='signal',sender='${BUS}',member='NameOwnerChanged'`;
    await this.call(BUS, BUS_PATH, BUS, 'AddMatch', 's', [rule]);
    bus.signals.on(bus.mangle(BUS_PATH, BUS, 'NameOwnerChanged'), (body: unknown) => {
      const [name, , owner] = z.tuple([z.string(), z.string(), z.string()]).parse(body);
      const at = items.findIndex(({ service }) => service === name);
      if (at >= 0 && owner === '') items.splice(at, 1);
    });
    await new Promise<void>((resolve, reject) =>
      bus.requestName(WATCHER, 0, (error) =>
        error ? reject(new Error(JSON.stringify(error))) : resolve(),
      ),
    );
  }

  private call(
    destination: string,
    path: string,
    name: string,
    member: string,
    signature: string,
    body: unknown[],
  ): Promise<unknown[]> {
    return new Promise((resolve, reject) =>
      this.bus.invoke(
        { destination, path, interface: name, member, signature, body },
        (error, ...values) =>
          error ? reject(new Error(`${member}: ${JSON.stringify(error)}`)) : resolve(values),
      ),
    );
  }
}

function entryOf(value: unknown): Entry {
  const [id, properties, children] = layout.parse(value);
  const label = new Map(properties).get('label');
  return {
    id,
    label: typeof label === 'string' ? label : '',
    entries: children.map((child) => entryOf(variant.parse(child))),
  };
}

async function firstLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n')).trim();
  }
  throw new Error(`it ended and said only: ${text}`);
}
