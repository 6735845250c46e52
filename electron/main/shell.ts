import { app, dialog } from 'electron';
import { z } from 'zod';
import { messageOf } from '../../shared/model/errors.ts';
import { serveApp } from './appProtocol.ts';
import { answerPages } from './bridge.ts';
import { guardPages } from './guard.ts';
import { openAtLogin, opensAtLogin } from './loginItem.ts';
import type { Acts } from './menu.ts';
import { NodeLink } from './nodeLink.ts';
import { NodeProcess } from './nodeProcess.ts';
import { UNSEEN, Watch, type Seen } from './nodeView.ts';
import { Notifier } from './notifier.ts';
import { Power } from './power.ts';
import { TrayIcon } from './trayIcon.ts';
import { Windows } from './windows.ts';

/** The app at work, from when Electron is ready: an icon, two windows, and a node to look at. */
export class Shell {
  private readonly windows = new Windows();
  private readonly node: NodeProcess;
  private readonly link: NodeLink;
  private readonly tray: TrayIcon;
  private seen: Seen = UNSEEN;
  /** Why the node that was started here ended; null while nothing is wrong. */
  private trouble: string | null = null;

  constructor(home: string) {
    this.node = new NodeProcess({
      home,
      // What a Node of its own runs lies beside the archive, as files.
      app: app.getAppPath().replace(/\.asar$/, '.asar.unpacked'),
      ended: (trouble) => {
        this.trouble = trouble;
        this.show(this.seen);
      },
    });
    this.link = new NodeLink(home, () => this.node.missing());
    this.link.listen({
      onOpen: () => {
        this.node.found();
        this.trouble = null;
      },
      onEvent: () => undefined,
      onClose: () => undefined,
    });
    guardPages();
    serveApp(this.link);
    const acts = this.acts();
    this.tray = new TrayIcon(UNSEEN, {
      ...acts,
      opensAtLogin,
      clicked: (icon) => this.windows.togglePopover(icon),
    });
    answerPages(this.link, {
      openDashboard: (place) => this.windows.openDashboard(place),
      fit: (contents, height) => this.windows.fitPopover(contents, height),
      close: () => this.windows.closePopover(),
      startNode: () => this.node.wake(),
      quit: () => app.quit(),
    });
    new Watch(this.link, (seen) => this.show(seen));
    new Notifier(this.link, new Power(this.link), (place) => this.windows.openDashboard(place));
    this.windows.preparePopover();
    void this.link.run();
  }

  /** What a second start of the app, or a click on it in the launcher, does. */
  showItself(): void {
    this.windows.openDashboard('/');
  }

  /** Lets go of the node: one that lives in the app is ended in an orderly way. */
  async close(): Promise<void> {
    this.link.close();
    await this.node.close();
  }

  private show(seen: Seen): void {
    this.seen = seen;
    const { glance } = seen;
    const text =
      glance.state === 'offline' && this.trouble !== null
        ? `The node does not answer: ${this.trouble}.`
        : glance.text;
    this.tray.show({ ...seen, glance: { ...glance, text } });
  }

  private acts(): Acts {
    const post = (path: string, body?: unknown) => {
      this.link.call('POST', path, z.unknown(), body).catch((error: unknown) => {
        dialog.showErrorBox('Vigil', messageOf(error));
      });
    };
    const reason = 'asked for in the menu bar';
    return {
      openPopover: () => this.windows.openPopover(this.tray.bounds()),
      openDashboard: (place) => this.windows.openDashboard(place),
      answer: (approval, answer) => post(`/v1/approvals/${approval}`, { answer, reason }),
      pause: (paused) => (paused ? post('/v1/pause', { reason }) : post('/v1/resume')),
      drain: (drain) => void this.drain(drain).catch(() => undefined),
      startNode: () => this.node.wake(),
      openAtLogin: (wanted) => {
        openAtLogin(wanted, startCommand());
        this.show(this.seen);
      },
      quit: () => app.quit(),
    };
  }

  private async drain(drain: boolean): Promise<void> {
    const { node } = await this.link.call('GET', '/v1/status', z.object({ node: z.string() }));
    await this.link.call('POST', `/v1/nodes/${node}/drain`, z.unknown(), { drain });
  }
}

/** What starts this app anew: an AppImage by its file, an app that is not packaged with its folder. */
function startCommand(): string[] {
  const program = process.env['APPIMAGE'] ?? process.execPath;
  return process.defaultApp ? [program, app.getAppPath()] : [program];
}
