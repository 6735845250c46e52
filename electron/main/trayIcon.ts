import { join } from 'node:path';
import { Menu, nativeImage, Tray, type NativeImage, type Rectangle } from 'electron';
import { GLANCE_STATES, type GlanceState } from '../../shared/explain/glance.ts';
import { trayMenu, type Acts } from './menu.ts';
import type { Seen } from './nodeView.ts';

const onMac = process.platform === 'darwin';

interface Options extends Acts {
  readonly opensAtLogin: () => boolean;
  /** The icon was clicked; where it is, null where the system does not say. */
  readonly clicked: (icon: Rectangle | null) => void;
}

/** The icon in the menu bar or the panel. */
export class TrayIcon {
  private readonly tray: Tray;
  private readonly options: Options;
  private readonly images = new Map<GlanceState, NativeImage>();
  private menu: Menu | null = null;
  /** What is shown, so that nothing is drawn anew that has not changed. */
  private shown = '';

  constructor(seen: Seen, options: Options) {
    this.options = options;
    for (const state of GLANCE_STATES) this.images.set(state, readImage(state));
    this.tray = new Tray(this.imageOf(seen.glance.state));
    this.tray.on('click', () => options.clicked(this.bounds()));
    // A menu that is set takes the click on macOS, which is the popover's there.
    if (onMac)
      this.tray.on('right-click', () => this.menu && this.tray.popUpContextMenu(this.menu));
    this.show(seen);
  }

  show(seen: Seen): void {
    const now = JSON.stringify([seen, this.options.opensAtLogin()]);
    if (now === this.shown) return;
    this.shown = now;
    const { state, waiting, text } = seen.glance;
    this.tray.setImage(this.imageOf(state));
    this.tray.setToolTip(`Vigil: ${WORDS[state]}${waiting > 0 ? ` (${waiting})` : ''}\n${text}`);
    if (onMac) this.tray.setTitle(waiting > 0 ? String(waiting) : '');
    this.menu = Menu.buildFromTemplate(trayMenu(seen, this.options.opensAtLogin(), this.options));
    if (!onMac) this.tray.setContextMenu(this.menu);
  }

  bounds(): Rectangle | null {
    const bounds = this.tray.getBounds();
    return bounds.width > 0 && bounds.height > 0 ? bounds : null;
  }

  private imageOf(state: GlanceState): NativeImage {
    return this.images.get(state) ?? nativeImage.createEmpty();
  }
}

const WORDS: Readonly<Record<GlanceState, string>> = {
  offline: 'offline',
  'needs-you': 'needs you',
  paused: 'paused',
  hot: 'hot',
  working: 'working',
  idle: 'idle',
};

/** On macOS black with alpha, which the system colours for its menu bar. */
function readImage(state: GlanceState): NativeImage {
  const name = onMac ? `${state}Template.png` : `${state}.png`;
  return nativeImage.createFromPath(join(import.meta.dirname, 'icons', name));
}
