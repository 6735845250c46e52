/**
 * The app, held at its start until Playwright has attached to it. Without this a window may be made while
 * Playwright attaches, and Playwright then waits for ever for a navigation that it has missed (seen once in five starts).
 */
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { app } = require('electron');

const root = resolve(__dirname, '../../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
app.setName(manifest.productName);
app.setVersion(manifest.version);
app.setAppPath(root);

const ready = app.whenReady();
let letGo = () => undefined;
const attached = new Promise((done) => (letGo = done));
app.whenReady = () => attached.then(() => ready);
/** Called by Playwright as soon as it is there. */
globalThis.__playwright_run = () => letGo();

require(join(root, manifest.main));
