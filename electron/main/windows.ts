import { join } from 'node:path';
import { BrowserWindow, screen, type Rectangle, type WebPreferences } from 'electron';
import { APP_ORIGIN } from '../../shared/model/shellBridge.ts';
import { popoverPlace } from './windowPlace.ts';

const POPOVER_WIDTH = 372;
const FIRST_POPOVER_HEIGHT = 460;
/** A click on the icon takes the focus from the popover, which closes, and comes then, ms. */
const SAME_CLICK_MS = 250;

/** As the security guide of Electron has it: pages are strangers here. */
const PREFERENCES: WebPreferences = {
  preload: join(import.meta.dirname, 'preload.cjs'),
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  webSecurity: true,
  spellcheck: false,
  devTools: process.env['VIGIL_DEVTOOLS'] === '1',
};

/** The two windows of the app: the popover is there from the start, hidden, and so opens at once; the dashboard only while it is shown. */
export class Windows {
  private popover: BrowserWindow | null = null;
  private dashboard: BrowserWindow | null = null;
  private icon: Rectangle | null = null;
  private isReady = false;
  private isWanted = false;
  private blurredAtMs = -Infinity;

  /** Opens the popover, or closes it where it is open; `icon` is where it hangs from, null where nobody knows. */
  togglePopover(icon: Rectangle | null): void {
    const isSameClick = performance.now() - this.blurredAtMs < SAME_CLICK_MS;
    if (this.popover?.isVisible() || isSameClick) this.closePopover();
    else this.openPopover(icon);
  }

  openPopover(icon: Rectangle | null): void {
    this.icon = icon;
    this.isWanted = true;
    this.preparePopover();
    if (this.isReady) this.showPopover();
  }

  /** Makes the popover ready to be shown. */
  preparePopover(): void {
    if (this.popover) return;
    const window = new BrowserWindow({
      width: POPOVER_WIDTH,
      height: FIRST_POPOVER_HEIGHT,
      title: 'Vigil',
      show: false,
      frame: false,
      resizable: false,
      movable: false,
      minimizable: false,
      maximizable: false,
      fullscreenable: false,
      skipTaskbar: true,
      alwaysOnTop: true,
      type: process.platform === 'darwin' ? 'panel' : 'normal',
      webPreferences: PREFERENCES,
    });
    this.popover = window;
    this.isReady = false;
    window.on('blur', () => {
      if (window.isVisible()) this.blurredAtMs = performance.now();
      this.closePopover();
    });
    window.on('closed', () => {
      if (this.popover === window) this.popover = null;
    });
    // It is made anew when it is wanted next.
    window.webContents.on('render-process-gone', () => window.destroy());
    void window.loadURL(`${APP_ORIGIN}/popover`);
  }

  /** The popover has its content, which is so high, px. */
  fitPopover(contents: Electron.WebContents, height: number): void {
    const { popover } = this;
    if (popover === null || popover.webContents !== contents) return;
    // Only by its user it has one size: on Linux that holds for us too.
    popover.setResizable(true);
    popover.setContentSize(POPOVER_WIDTH, height);
    popover.setResizable(false);
    this.isReady = true;
    if (popover.isVisible()) this.placePopover(popover);
    else if (this.isWanted) this.showPopover();
  }

  closePopover(): void {
    this.isWanted = false;
    this.popover?.hide();
  }

  /** Opens the dashboard at an address of the page. */
  openDashboard(place: string): void {
    this.closePopover();
    if (this.dashboard) {
      // To the page itself it is a link that was followed.
      if (place !== '/') void this.dashboard.loadURL(APP_ORIGIN + place);
      if (this.dashboard.isMinimized()) this.dashboard.restore();
      this.dashboard.show();
      this.dashboard.focus();
      return;
    }
    const window = new BrowserWindow({
      width: 1180,
      height: 800,
      minWidth: 380,
      minHeight: 480,
      title: 'Vigil',
      show: false,
      autoHideMenuBar: true,
      webPreferences: PREFERENCES,
    });
    this.dashboard = window;
    window.once('ready-to-show', () => window.show());
    window.on('closed', () => (this.dashboard = null));
    void window.loadURL(APP_ORIGIN + place);
  }

  private showPopover(): void {
    const { popover } = this;
    if (!popover || popover.isVisible()) return;
    this.placePopover(popover);
    popover.show();
    popover.focus();
  }

  private placePopover(popover: BrowserWindow): void {
    const pointer = screen.getCursorScreenPoint();
    const { workArea } = screen.getDisplayNearestPoint(this.icon ?? pointer);
    const [width = POPOVER_WIDTH, height = FIRST_POPOVER_HEIGHT] = popover.getSize();
    popover.setBounds(popoverPlace(this.icon, pointer, workArea, { width, height }));
  }
}
