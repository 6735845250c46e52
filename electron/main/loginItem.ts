import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { app } from 'electron';

/** Whether the app opens when its user logs in. */
export function opensAtLogin(): boolean {
  return process.platform === 'linux'
    ? existsSync(autostartFile())
    : app.getLoginItemSettings().openAtLogin;
}

/** Has the app open at login, or not any more. `command` is what starts it. */
export function openAtLogin(wanted: boolean, command: readonly string[]): void {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: wanted });
    return;
  }
  const file = autostartFile();
  if (!wanted) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, desktopEntry(command));
}

/** Desktop Application Autostart Specification, version 0.5. */
function autostartFile(): string {
  const config = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return join(config, 'autostart/vigil.desktop');
}

/** Desktop Entry Specification, version 1.5: what is quoted has these four escaped, and `%` is doubled. */
function desktopEntry(command: readonly string[]): string {
  const quoted = command.map(
    (part) => `"${part.replace(/["`$\\]/g, String.raw`\$&`).replaceAll('%', '%%')}"`,
  );
  // The file's own escapes are read first.
  const line = quoted.join(' ').replaceAll('\\', '\\\\');
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Vigil',
    `Exec=${line}`,
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}
