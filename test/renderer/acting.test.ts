import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSample } from '../../electron/node/sample/createSample.ts';
import type { ExplanationView } from '../../shared/model/explanationApi.ts';
import type { ProjectView } from '../../shared/model/projectApi.ts';
import type { NodesView } from '../../shared/model/meshApi.ts';
import { findBrowser } from '../systemPackages.ts';
import { userGit } from '../userGit.ts';
import { Home, printed } from '../electron/cli/vigil.ts';
import { dialogFaults, faults } from './accessible.ts';

const LIMITS = 'limits: { cyclesPerDay: 0, leastFreeDiskBytes: 0, leastFreeDiskShare: 0 }';
const CONFIG = `sandbox: agents\n${LIMITS}\nmesh: { port: 0, listen: 127.0.0.1, mdns: false, tailscale: false }\nagents: { mine: { command: /nowhere/mine, format: openai-chat } }\n`;
const TASKS = `
- { title: Write one, run: 'echo 1 > one.txt', scope: [one.txt] }
- { title: Write two, run: 'echo 2 > two.txt', scope: [two.txt], review: true }
`;
/** For what a second node or a task does before it is seen, ms. */
const WAIT = { timeout: 40_000, interval: 200 };

/** A real node with a page of its own. */
interface Site {
  readonly home: Home;
  readonly node: ChildProcess;
  readonly address: URL;
  readonly get: <T>(path: string) => Promise<T>;
}

/** What a person does on the page, seen to have been done on real nodes. */
describe('on the page', () => {
  const homes: Home[] = [];
  let people: string;
  let repository: string;
  let browser: Browser | undefined;
  let studio: Site;
  let page: Page;

  async function site(args: readonly string[]): Promise<Site> {
    const home = await Home.create();
    homes.push(home);
    await writeFile(join(home.folder, 'config.yaml'), CONFIG);
    const node = home.start([...args, '--port', '0'], { HOME: people });
    const [, url = ''] = await printed(node, /Page: (\S+)/);
    const address = new URL(url);
    const authorization = `Bearer ${address.hash.replace('#token=', '')}`;
    const get = async <T>(path: string) =>
      (await (await fetch(address.origin + path, { headers: { authorization } })).json()) as T;
    return { home, node, address, get };
  }
  const open = async (of: Site, path: string) => {
    await page.goto('about:blank');
    await page.goto(of.address.origin + path + of.address.hash);
  };
  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  /** Of the dialog that a button opens, which is closed in the end. */
  const soundDialog = async (button: Locator) =>
    expect(await dialogFaults(page, button), String(button)).toEqual([]);
  const confirm = (name: string) =>
    page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

  beforeAll(async () => {
    people = await mkdtemp(join(tmpdir(), 'vigil-people-'));
    repository = join(people, 'code/sample');
    await createSample(repository);
    [studio, browser] = await Promise.all([
      site(['up']),
      chromium.launch({ executablePath: findBrowser() ?? 'chromium', args: ['--no-sandbox'] }),
    ]);
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(homes.map((home) => home.remove()));
    await rm(people, { recursive: true, force: true, maxRetries: 5 });
  });

  it('a repository is chosen from those below the home of the user', async () => {
    await mkdir(join(people, '.cache/hidden/.git'), { recursive: true });
    await open(studio, '/start');
    await see('No coding agent is ready on this machine');
    const here = page.getByRole('region', { name: /^On this machine/ });
    const sample = here.getByRole('button', { name: /sample/ });
    await sample.waitFor();
    expect(await here.getByRole('button').count()).toBe(1);
    expect(await faults(page)).toEqual([]);
    await sample.click();
    await page.getByRole('region', { name: 'What was found' }).getByText('npm test').waitFor();
    expect(await page.getByLabel(/Path of a git repository/).inputValue()).toBe(repository);
    await press('Start');
    await see(/of 15 fail/);
    const tasks = join(studio.home.folder, 'tasks.yaml');
    await writeFile(tasks, TASKS);
    expect((await studio.home.vigil('task', 'add', '-f', tasks)).stderr).toBe('');
  });

  it('a model provider is added with its key, tested, and removed', async () => {
    await open(studio, '/settings');
    await soundDialog(page.getByRole('button', { name: 'Add a provider' }));
    await soundDialog(page.getByRole('button', { name: 'Remove' }).first());
    await press('Add a provider');
    const form = page.getByRole('dialog');
    await form.getByLabel('Name').fill('nearby');
    await form.getByLabel('Address').fill('http://127.0.0.1:9/v1');
    await form.getByLabel('Models').fill('small');
    await form.getByRole('textbox', { name: /^Key/ }).fill('sk-of-nobody');
    await confirm('Add');
    await form.getByText('The price of small is not known.').waitFor();
    await form.getByRole('combobox', { name: 'Paid' }).click();
    await page.getByRole('option', { name: /local/ }).click();
    await confirm('Add');
    await form.waitFor({ state: 'detached' });
    await see('http://127.0.0.1:9/v1');
    expect(await page.content()).not.toContain('sk-of-nobody');
    await press('Test nearby');
    await see(/does not answer/);
    const providers = page.getByRole('region', { name: /^Model providers/ });
    await providers.getByRole('button', { name: 'Remove' }).click();
    await confirm('Remove');
    await providers.getByText(/^None yet/).waitFor();
  });

  it('an agent that can not start says why when it is checked', async () => {
    await press('Check mine');
    await see(/✗ does not start/);
  });

  it('a result is sent back with a comment, and the next attempt is told it', async () => {
    await open(studio, '/approvals');
    const review = page.getByRole('article', { name: 'Review of T-2' });
    await review.getByRole('button', { name: 'Send back' }).click();
    await review.getByText(/Say why/).waitFor();
    expect(await faults(page)).toEqual([]);
    await review.getByLabel('Comment').fill('two lines, please');
    await review.getByRole('button', { name: 'Send back' }).click();
    await vi.waitFor(async () => {
      const story = await studio.get<ExplanationView>('/v1/tasks/T-2/explain');
      expect(story.execution.map(({ attempt }) => attempt)).toContain(2);
    }, WAIT);
    await open(studio, '/tasks/T-2');
    await page.getByText(/^Told from/).click();
    await see(/two lines, please/);
  });

  it('what the keyboard is on is seen, and the small window is for everybody', async () => {
    await open(studio, '/queue');
    await page.getByRole('link', { name: /Write two/ }).waitFor();
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    const seen = new Set<string>();
    for (let stops = 0; stops < 30; stops += 1) {
      await page.keyboard.press('Tab');
      const on = await page.evaluate(() => {
        const element = document.activeElement;
        if (!(element instanceof HTMLElement) || element === document.body) return null;
        const look = () => {
          const { outlineStyle, outlineWidth, borderColor, boxShadow } = getComputedStyle(element);
          const ring = outlineStyle === 'none' || outlineWidth === '0px' ? 'none' : outlineWidth;
          return `${ring} ${borderColor} ${boxShadow}`;
        };
        const focused = look();
        element.blur();
        const changes = look() !== focused;
        element.focus({ preventScroll: true });
        const { textContent, ariaLabel } = element;
        return { name: `${element.localName} ${ariaLabel ?? textContent}`, changes };
      });
      if (on === null) break;
      expect(on).toEqual({ name: on.name, changes: true });
      seen.add(on.name);
    }
    expect([...seen].join(', ')).toMatch(/Pause.*a Queue.*Add a task.*Write two/);

    await open(studio, '/popover');
    await see('Open Vigil');
    expect(await faults(page)).toEqual([]);
  });

  it('what opens over the page is for everybody', async () => {
    await open(studio, '/queue');
    await soundDialog(page.getByRole('button', { name: 'Add a task' }));
    await soundDialog(page.getByRole('button', { name: /^Cancel T-/ }).first());
    await open(studio, '/nodes');
    await soundDialog(page.getByRole('button', { name: 'Invite a machine' }));
    await open(studio, '/costs');
    await page.getByLabel('A day: USD').fill('60');
    await press('Set A day');
    await see(/It would rise, so it waits for a yes/);
    expect(await faults(page)).toEqual([]);
  });

  it('a merged task is taken back by a task of its own, which merges', async () => {
    await open(studio, '/tasks/T-1');
    await see(/^Merged as/);
    const file = () =>
      userGit(repository, 'ls-tree', '--name-only', 'vigil/integration', 'one.txt');
    expect(file()).toBe('one.txt');
    await soundDialog(page.getByRole('button', { name: 'Undo', exact: true }));
    await press('Undo');
    await confirm('Undo');
    await page.waitForURL(/\/tasks\/T-3$/);
    await page.getByRole('heading', { name: 'T-3 Undo T-1: Write one' }).waitFor();
    await page.getByText(/^Merged as/).waitFor({ timeout: WAIT.timeout });
    expect(file()).toBe('');
  });

  it('a project whose home is gone goes on here, which puts the old one out; any other is put out as well', async () => {
    const { stdout: line } = await studio.home.vigil('invite');
    const laptop = await site(['join', line.trim()]);
    const studioId = (await studio.get<NodesView>('/v1/nodes')).nodes.find((n) => n.self)?.id;
    await vi.waitFor(async () => {
      const { projects } = await laptop.get<{ projects: ProjectView[] }>('/v1/projects');
      expect(projects).toMatchObject([{ id: 'sample', home: studioId }]);
    }, WAIT);
    const copy = join(people, 'copy');
    userGit(people, 'clone', '-q', repository, copy);
    await open(laptop, '/settings');
    const project = page.getByRole('article', { name: 'Project sample' });
    await project.getByText(/its repository is on another node/).waitFor();
    const take = project.getByRole('button', { name: 'Merge here from now on' });
    expect(await take.count()).toBe(0);

    studio.node.kill('SIGKILL');
    await take.waitFor({ timeout: WAIT.timeout });
    const { stderr: refused } = await laptop.home.vigil('project', 'home', 'sample', copy);
    expect(refused).toMatch(/could come back and merge into its own repository[\s\S]*--revoke/);
    await soundDialog(take);
    await take.click();
    await page.getByLabel(/Path of a clone/).fill(copy);
    await confirm('Take it over');
    await project.getByText(copy).waitFor();
    expect(userGit(copy, 'rev-parse', 'vigil/integration')).toBe(
      userGit(repository, 'rev-parse', 'vigil/integration'),
    );

    // It was put out with that.
    expect((await laptop.get<NodesView>('/v1/nodes')).nodes).toHaveLength(1);
    await site(['join', (await laptop.home.vigil('invite')).stdout.trim()]);
    await open(laptop, '/nodes');
    await soundDialog(page.getByRole('button', { name: 'Revoke' }));
    await press('Revoke');
    await confirm('Revoke');
    await page.getByText(/1 node of 1 up/).waitFor();
    await vi.waitFor(
      async () => expect((await laptop.get<NodesView>('/v1/nodes')).nodes).toHaveLength(1),
      WAIT,
    );
  });
});
