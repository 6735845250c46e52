import { createConnection } from 'node:net';
import dbus from '@homebridge/dbus-native';
import { onTestFinished } from 'vitest';

interface Login {
  /** Null: somebody types. */
  readonly idleSinceMs: number | null;
  readonly locked: boolean;
}

/** Plays what tells of a human on a real bus: logind's properties, and GNOME's monitor of input. */
export async function playHuman(address: string) {
  const socket = createConnection(address.replace(/^unix:path=/, '').split(',')[0] ?? '');
  onTestFinished(() => void socket.destroy());
  const bus = dbus.createClient({ stream: socket });
  const state: { login: Login | null; idleMs: number | null } = { login: null, idleMs: null };
  const own = (name: string) =>
    new Promise<void>((resolve, reject) =>
      bus.requestName(name, 0, (error) => (error ? reject(new Error(name)) : resolve())),
    );
  const session = '/org/freedesktop/login1/session/_32';
  bus.exportInterface(
    {
      // Of a user without a graphical session it is empty.
      get Display() {
        return state.login ? ['2', session] : ['', '/'];
      },
    },
    '/org/freedesktop/login1/user/self',
    { name: 'org.freedesktop.login1.User', methods: {}, properties: { Display: '(so)' } },
  );
  bus.exportInterface(
    {
      get IdleHint() {
        return typeof state.login?.idleSinceMs === 'number';
      },
      get IdleSinceHint() {
        return (state.login?.idleSinceMs ?? 0) * 1_000;
      },
      get LockedHint() {
        return state.login?.locked ?? false;
      },
    },
    session,
    {
      name: 'org.freedesktop.login1.Session',
      methods: {},
      properties: { IdleHint: 'b', IdleSinceHint: 't', LockedHint: 'b' },
    },
  );
  bus.exportInterface(
    {
      GetIdletime: () => {
        if (state.idleMs === null) throw new Error('not here');
        return state.idleMs;
      },
    },
    '/org/gnome/Mutter/IdleMonitor/Core',
    { name: 'org.gnome.Mutter.IdleMonitor', methods: { GetIdletime: ['', 't'] } },
  );
  await own('org.freedesktop.login1');
  await own('org.gnome.Mutter.IdleMonitor');
  return {
    logind: (login: Login | null) => (state.login = login),
    mutter: (idleMs: number | null) => (state.idleMs = idleMs),
  };
}
