/** What is used of the library; its own types leave most of it out. */
declare module '@homebridge/dbus-native' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  export interface BusMessage {
    destination?: string;
    path?: string;
    interface?: string;
    member?: string;
    signature?: string;
    body?: unknown[];
    flags?: number;
  }

  export interface MessageBus {
    readonly connection: EventEmitter;
    readonly signals: EventEmitter;
    invoke(
      message: BusMessage,
      callback: (
        error: { name?: string; message?: string } | null | undefined,
        ...values: unknown[]
      ) => void,
    ): void;
    mangle(path: string, name: string, member: string): string;
    requestName(name: string, flags: number, callback: (error: unknown) => void): void;
    exportInterface(
      methods: object,
      path: string,
      description: {
        name: string;
        methods: Readonly<Record<string, readonly [string, string]>>;
        properties?: Readonly<Record<string, string>>;
      },
    ): void;
    sendSignal(
      path: string,
      name: string,
      member: string,
      signature: string,
      body: readonly unknown[],
    ): void;
  }

  const dbus: {
    createClient(options: { stream: Duplex; ReturnLongjs?: boolean }): MessageBus;
  };
  export default dbus;
}
