// Draws the icons that are shipped from build/icons/*.svg. Run by hand after a change of a drawing,
// look at what came of it, and commit it: `node build/icons.ts`.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { chromium } from 'playwright-core';
import { findBrowser } from '../test/systemPackages.ts';

const icons = join(import.meta.dirname, 'icons');
const tray = join(icons, 'tray');

/** Points across: what the menu bar of macOS takes, and the panels of Linux. */
const MENU_BAR = 18;
const PANEL = 22;

/**
 * On Linux nobody says whether the panel is light or dark: shades of the middle that keep a contrast
 * of 3 to 1 with both. The shape alone tells the state; the colour only helps.
 */
const PANEL_COLOUR: Readonly<Record<string, string>> = {
  idle: '#868e9b',
  working: '#5c7cfa',
  'needs-you': '#e8590c',
  paused: '#868e9b',
  hot: '#e03131',
  offline: '#868e9b',
};

/** Types of an icns file whose payload is a PNG of that many pixels across. */
const ICNS: readonly (readonly [type: string, pixels: number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

const browser = await chromium.launch({
  executablePath: findBrowser() ?? 'chromium',
  args: ['--no-sandbox'],
});

/** The drawing as a PNG of that many pixels across, on nothing; its `currentColor` is the ink. */
async function png(svg: string, pixels: number, ink = '#000'): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  await page.setContent(
    `<style>*{margin:0}svg{color:${ink};display:block;width:${pixels}px;height:${pixels}px}</style>${svg}`,
  );
  const image = await page.screenshot({ omitBackground: true });
  await page.close();
  return image;
}

for (const file of readdirSync(tray).filter((name) => name.endsWith('.svg'))) {
  const state = basename(file, '.svg');
  const drawing = readFileSync(join(tray, file), 'utf8');
  const colour = PANEL_COLOUR[state];
  if (colour === undefined) throw new Error(`no colour for the state ${state}`);
  for (const [scale, suffix] of [
    [1, ''],
    [2, '@2x'],
  ] as const) {
    // macOS colours a template image by itself: black, and how much of it.
    writeFileSync(
      join(tray, `${state}Template${suffix}.png`),
      await png(drawing, MENU_BAR * scale),
    );
    writeFileSync(join(tray, `${state}${suffix}.png`), await png(drawing, PANEL * scale, colour));
  }
}

const app = readFileSync(join(icons, 'app.svg'), 'utf8');
const sizes = new Map<number, Buffer>();
for (const pixels of [16, 32, 48, 64, 128, 256, 512, 1024]) {
  sizes.set(pixels, await png(app, pixels));
}
// One PNG for each size of the desktop's icon theme, named as electron-builder reads them.
for (const [pixels, image] of sizes) {
  writeFileSync(join(icons, 'linux', `${pixels}x${pixels}.png`), image);
}
writeFileSync(
  join(icons, 'icon.icns'),
  chunk('icns', ...ICNS.map(([type, pixels]) => chunk(type, sizes.get(pixels) ?? Buffer.alloc(0)))),
);
await browser.close();

/** A chunk of an icns file: type, length with this head, payload. */
function chunk(type: string, ...payload: readonly Buffer[]): Buffer {
  const body = Buffer.concat(payload);
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(head.length + body.length, 4);
  return Buffer.concat([head, body]);
}
