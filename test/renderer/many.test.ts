import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSample } from '../../electron/node/sample/createSample.ts';
import { PLACES } from '../../renderer/app/places.ts';
import { Home, printed } from '../electron/cli/vigil.ts';
import { findBrowser } from '../systemPackages.ts';

const TASKS = 5_000;
const AT_ONCE = 1_000;
/** What a page may hold, whatever there is to show: more takes a browser too long to lay out. */
const MOST_ELEMENTS = 6_000;

describe('the page of a node with 5,000 tasks', () => {
  let home: Home;
  let browser: Browser | undefined;
  let page: Page;
  let origin = '';
  const faults: string[] = [];

  beforeAll(async () => {
    home = await Home.create();
    await writeFile(join(home.folder, 'config.yaml'), 'limits:\n  cyclesPerDay: 0\n');
    await createSample(join(home.folder, 'sample'));
    const [, link = ''] = await printed(home.start(['up', '--port', '0']), /Page: (\S+)/);
    const address = new URL(link);
    origin = address.origin;
    const token = decodeURIComponent(address.hash.slice('#token='.length));
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.ok, await answer.clone().text()).toBe(true);
    };
    await post('/v1/projects', { path: join(home.folder, 'sample') });
    await post('/v1/pause', { reason: 'the test looks at what waits' });
    for (let from = 0; from < TASKS; from += AT_ONCE) {
      const tasks = Array.from({ length: AT_ONCE }, (_, at) => ({
        title: `Task number ${from + at}`,
        type: 'command',
        run: 'true',
        scope: [`out/${from + at}.txt`],
      }));
      await post('/v1/tasks', { tasks });
    }
    browser = await chromium.launch({
      executablePath: findBrowser() ?? 'chromium',
      args: ['--no-sandbox'],
    });
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(30_000);
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(link);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await home.remove();
  });

  it.each(PLACES)('shows $name, and no more than fits a screen of it', async ({ path, name }) => {
    await page.goto(`${origin}${path}`);
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(
      MOST_ELEMENTS,
    );
    expect(faults).toEqual([]);
  });

  it('finds one of them by its title, and tells its story', async () => {
    await page.goto(`${origin}/queue`);
    await page.getByRole('searchbox').or(page.getByRole('textbox')).first().fill('number 4321');
    await page.getByRole('link', { name: /Task number 4321/ }).click();
    await page.getByRole('heading', { level: 1, name: /Task number 4321/ }).waitFor();
    expect(faults).toEqual([]);
  });
});
