import { createConnection, type Socket } from 'node:net';
import dbus, { type MessageBus } from '@homebridge/dbus-native';
import { VigilError, messageOf } from '../../shared/model/errors.ts';

/** An answer that takes longer will not come: a desktop answers in milliseconds. */
const CALL_MS = 5_000;
/** Flag of a call: a service that does not run is not started for it. */
const NO_AUTO_START = 0x2;

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** Types of the arguments, as D-Bus writes them. */
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** Whether a service that is installed but not running may be started for it. */
  readonly start?: boolean;
}

export interface BusSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
}

/** A connection to a message bus of the system: calls, signals, and the word when it ends. */
export class Bus {
  private readonly bus: MessageBus;
  private readonly socket: Socket;
  private readonly failing = new Set<(error: Error) => void>();
  private readonly endListeners = new Set<() => void>();
  private ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.bus = dbus.createClient({ stream: socket, ReturnLongjs: false });
    this.bus.connection.on('error', () => this.end());
    socket.on('end', () => this.end());
    socket.on('close', () => this.end());
    // What a desktop says must not keep a node from ending.
    socket.unref();
  }

  /** Connects to a bus by its address, as `unix:path=/run/user/1000/bus`. Throws `peer-unreachable`. */
  static async connect(address: string): Promise<Bus> {
    const path = socketPath(address);
    if (path === null) throw unreachable(`its address can't be used (${address.slice(0, 100)})`);
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error) => reject(unreachable(messageOf(error))));
    });
    const bus = new Bus(socket);
    // Answered once the bus has let this connection in.
    await bus.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'GetId',
    });
    return bus;
  }

  /** Calls a method; resolves to what it returns. Throws `peer-unreachable` with what the other side said. */
  call(call: BusCall): Promise<unknown[]> {
    if (this.ended) return Promise.reject(unreachable('the connection has ended'));
    return new Promise((resolve, reject) => {
      const { start = false, signature, body = [], ...rest } = call;
      const done = (act: () => void) => {
        clearTimeout(late);
        this.failing.delete(fail);
        act();
      };
      const fail = (error: Error) => done(() => reject(error));
      const late = setTimeout(
        () => fail(unreachable(`${call.member} was not answered within ${CALL_MS / 1_000} s`)),
        CALL_MS,
      );
      late.unref();
      this.failing.add(fail);
      this.bus.invoke(
        {
          ...rest,
          ...(signature === undefined ? {} : { signature, body: [...body] }),
          flags: start ? 0 : NO_AUTO_START,
        },
        (error, ...values) =>
          error
            ? fail(unreachable(`${call.member}: ${error.message || (error.name ?? 'refused')}`))
            : done(() => resolve(values)),
      );
    });
  }

  /** Listens to a signal of `sender`. Throws as `call`. */
  async on(
    sender: string,
    { path, interface: name, member }: BusSignal,
    listener: (body: readonly unknown[]) => void,
  ): Promise<void> {
    await this.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'AddMatch',
      signature: 's',
      body: [
        `type='signal',sender='${sender}',path='${path}',interface='${name}',member='${member}'`,
      ],
    });
    this.bus.signals.on(this.bus.mangle(path, name, member), (body: unknown) =>
      listener(Array.isArray(body) ? body : []),
    );
  }

  onEnd(listener: () => void): void {
    this.endListeners.add(listener);
  }

  close(): void {
    this.end();
    this.socket.destroy();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const fail of [...this.failing]) fail(unreachable('the connection has ended'));
    for (const listener of this.endListeners) listener();
  }
}

/** The socket of the first address that is one of this machine's file system or its abstract names. */
function socketPath(address: string): string | null {
  for (const one of address.split(';')) {
    const fields = new Map(
      one
        .replace(/^unix:/, '')
        .split(',')
        .map((field) => {
          const at = field.indexOf('=');
          return [field.slice(0, at), decodeURIComponent(field.slice(at + 1))];
        }),
    );
    if (!one.startsWith('unix:')) continue;
    const path = fields.get('path');
    if (path) return path;
    const abstract = fields.get('abstract');
    if (abstract) return `\0${abstract}`;
  }
  return null;
}

function unreachable(why: string): VigilError {
  return new VigilError(
    'peer-unreachable',
    `the desktop's message bus: ${why}`,
    'Notices are shown elsewhere: on another machine, the page, or by what `vigil notify` sets.',
  );
}
