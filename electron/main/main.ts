import { join } from 'node:path';
import { app } from 'electron';
import { defaultHome } from '../client/runningNode.ts';
import { claimScheme } from './appProtocol.ts';
import { Shell } from './shell.ts';

const home = defaultHome();
// Beside what it is for, readable by its user only. Electron allows one app for each such folder.
app.setPath('userData', join(home, 'shell'));

// Nothing of Chromium's comes from the network: what its process for that would take, 26 MB, is saved.
app.commandLine.appendSwitch('enable-features', 'NetworkServiceInProcess2');
if (process.platform === 'linux') {
  // Two plain pages are drawn by the processor as quickly; then drawing needs no process of its own either,
  app.commandLine.appendSwitch('disable-gpu');
  app.commandLine.appendSwitch('in-process-gpu');
  // nor a graphics card made of software, 12 MB, which only WebGL would draw with,
  app.commandLine.appendSwitch('disable-software-rasterizer');
  // nor has GTK to look what the screen's OpenGL can do: its driver brings a compiler, 20 MB.
  if (process.env['GDK_GL'] === undefined) {
    process.env['GDK_GL'] = 'disable';
    // Not for the programs that are started here: GTK has read it by then.
    void app.whenReady().then(() => delete process.env['GDK_GL']);
  }
}

let shell: Shell | null = null;
let isClosed = false;

if (app.requestSingleInstanceLock()) {
  claimScheme();
  // In the menu bar only; a packaged app says so in its own description.
  app.dock?.hide();
  void app.whenReady().then(() => (shell = new Shell(home)));
  app.on('second-instance', () => shell?.showItself());
  app.on('activate', () => shell?.showItself());
  // The icon stays when its windows are closed.
  app.on('window-all-closed', () => undefined);
  app.on('before-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    void (shell?.close() ?? Promise.resolve()).finally(() => {
      isClosed = true;
      // Not within the event, which a signal or the system's end of session sends: Electron would forget it.
      setImmediate(() => app.quit());
    });
  });
} else app.quit();
