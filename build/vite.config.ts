import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Given for each answer, so that the page can add styles and nobody else can. */
const NONCE = 'CSP_NONCE';
/** What this many parts of the page use comes with the first of them. */
const SHARED_BY = 2;
/** What draws is loaded by what draws, and by nothing else. */
const HEAVY = /node_modules\/(uplot|@xyflow|@dagrejs|d3-[a-z]+|uqr)\//;
/** What asks for the first data, with nothing else in its file. */
const AHEAD = /renderer\/api\/(ahead|reads|shell|token)\.ts$/;
/** Where every page begins, and those that are opened most. */
const FIRST_SHOWN = /renderer\/(app\/App|pages\/(overview\/Overview|queue\/Queue))\.tsx$/;

/** Links from the document what is needed at once, so that nothing waits until other code has asked for it. */
const linkFirst: Plugin = {
  name: 'link-first',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle = {} }) =>
      Object.values(bundle).flatMap((file): HtmlTagDescriptor[] => {
        if (file.type !== 'chunk') return [];
        const shared = { nonce: NONCE, crossorigin: true };
        const href = `/${file.fileName}`;
        if (file.name === 'ahead') {
          const attrs = { ...shared, type: 'module', async: true, src: href };
          return [{ tag: 'script', attrs, injectTo: 'head-prepend' }];
        }
        if (!FIRST_SHOWN.test(file.facadeModuleId ?? '')) return [];
        const attrs = { ...shared, rel: 'modulepreload', href };
        return [{ tag: 'link', attrs, injectTo: 'head' }];
      }),
  },
};

/** The page: what a node serves and the menu-bar app shows. */
export default defineConfig({
  root: join(root, 'renderer'),
  plugins: [react(), linkFirst],
  html: { cspNonce: NONCE },
  logLevel: 'warn',
  build: {
    outDir: join(root, 'dist/page'),
    emptyOutDir: true,
    target: 'es2022',
    // A file of its own for everything: the content security policy forbids inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'ahead', test: AHEAD, priority: 1 },
            // Fifty small files cost more to ask for than to read.
            { name: 'common', test: (id) => !HEAVY.test(id), minShareCount: SHARED_BY },
          ],
        },
      },
    },
  },
});
