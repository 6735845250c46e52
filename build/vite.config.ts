import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The page: what a node serves and the menu-bar app shows. */
export default defineConfig({
  root: join(root, 'renderer'),
  plugins: [react()],
  // Given for each answer, so that the page can add styles and nobody else can.
  html: { cspNonce: 'CSP_NONCE' },
  logLevel: 'warn',
  build: {
    outDir: join(root, 'dist/page'),
    emptyOutDir: true,
    target: 'es2022',
    // A file of its own for everything: the content security policy forbids inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
