import { app, Menu, nativeImage, Tray } from 'electron';

/** Kept for as long as the app runs: a tray that nobody holds is collected. */
let tray: Tray | null = null;

if (app.requestSingleInstanceLock()) void app.whenReady().then(start);
else app.quit();

function start(): void {
  tray = new Tray(nativeImage.createEmpty());
  tray.setToolTip('Vigil');
  tray.setContextMenu(Menu.buildFromTemplate([{ label: 'Quit Vigil', role: 'quit' }]));
}
