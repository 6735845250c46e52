/** Where the session bus of this user is; null where there can be none. */
export function sessionAddress(env: NodeJS.ProcessEnv): string | null {
  const named = env['DBUS_SESSION_BUS_ADDRESS'];
  if (named) return named;
  const uid = process.getuid?.();
  return uid === undefined ? null : `unix:path=/run/user/${uid}/bus`;
}

/** Where the system bus is. */
export function systemAddress(env: NodeJS.ProcessEnv): string {
  return env['DBUS_SYSTEM_BUS_ADDRESS'] || 'unix:path=/var/run/dbus/system_bus_socket';
}
