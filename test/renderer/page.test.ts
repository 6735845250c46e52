import { type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSample } from '../../electron/node/sample/createSample.ts';
import { findBrowser } from '../systemPackages.ts';
import { Home, printed } from '../electron/cli/vigil.ts';

/** Named as on a PATH where none was found, so that the launch says what is missing. */
const CHROMIUM = findBrowser() ?? 'chromium';

const TASKS = `
- key: slow
  title: Count until told to stop
  run: 'for i in $(seq 600); do echo "line $i"; test -e "$HOME_OF_TEST/go" && break; sleep 0.1; done; echo done > counted.txt'
  scope: [counted.txt]
  review: true
- title: Wait for the count
  run: cat counted.txt
  dependencies: [{ type: hard, artifact: counted.txt, task: slow }]
`;

/** What a person sees and does on the page of a real node, in the order in which the work goes. */
describe('the page', () => {
  let home: Home;
  let node: ChildProcess;
  let browser: Browser | undefined;
  let page: Page;
  let address: URL;
  const complaints: string[] = [];

  beforeAll(async () => {
    home = await Home.create();
    await writeFile(
      join(home.folder, 'config.yaml'), // A task waits for a file in the home, which the sandbox hides.
      'sandbox: agents\nlimits:\n  cyclesPerDay: 0\n  leastFreeDiskBytes: 0\n  leastFreeDiskShare: 0\n',
    );
    const sample = join(home.folder, 'sample');
    await createSample(sample);
    node = home.start(['up', sample, '--port', '0']);
    const [[, url = '']] = await Promise.all([
      printed(node, /Page: (\S+)/),
      printed(node, /watching sample/),
    ]);
    address = new URL(url);
    const tasks = join(home.folder, 'tasks.yaml');
    await writeFile(tasks, TASKS.replace('$HOME_OF_TEST', home.folder));
    const added = await home.vigil('task', 'add', '-f', tasks);
    expect(added.stderr).toBe('');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await home.remove();
  });

  const section = (name: string) => page.getByRole('region', { name: new RegExp(`^${name}`) });
  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();

  it('says what it needs when it is opened without its link', async () => {
    await page.goto(address.origin);
    await see('This page needs its link');
  });

  it('takes the token out of the address', async () => {
    await page.goto('about:blank');
    await page.goto(address.href);
    await section('Running').waitFor();
    expect(new URL(page.url()).hash).toBe('');
  });

  it('shows the running task with the end of its log, and what waits for what', async () => {
    await section('Running').getByText('Count until told to stop').waitFor();
    await section('Running')
      .getByText(/line \d+/)
      .waitFor();
    await section('Waiting')
      .getByText(/counted\.txt/)
      .waitFor();
  });

  it('explains a task by keyboard alone, and gives the focus back', async () => {
    const row = section('Waiting').getByRole('button', { name: /Wait for the count/ });
    await row.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    for (const part of ['Generation', 'Dispatch', 'Execution', 'Outcome', 'Impact'])
      await dialog.getByRole('heading', { name: part }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await row.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('pauses and resumes', async () => {
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await see(/paused on the page/);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  });

  it('shows a result that waits for a person, and merges it when it is approved', async () => {
    await writeFile(join(home.folder, 'go'), '');
    const waiting = section('Waiting for you');
    await waiting.getByText('Diff', { exact: true }).click();
    await waiting.getByText('+done').waitFor();
    await waiting.getByRole('button', { name: 'Reject' }).click();
    await waiting
      .getByRole('alert')
      .getByText(/Say why/)
      .waitFor();
    await waiting.getByRole('button', { name: 'Approve' }).click();
    const finished = section('Recently finished');
    await finished.getByText('Count until told to stop').waitFor();
    await finished.getByText('Wait for the count').waitFor();
  });

  it('says what a coding agent would make possible', async () => {
    const file = join(home.folder, 'agent.yaml');
    await writeFile(
      file,
      'title: Parse dates\ntype: implementation\ninstructions: Parse ISO dates.\n',
    );
    const added = await home.vigil('task', 'add', '-f', file);
    expect(added.stderr).toBe('');
    await see(/1 task waits for a coding agent: connect a model/);
  });

  it('asks before a cap rises, and raises it for a yes', async () => {
    await home.vigil('budget', '--set', 'hour.hard=8');
    const question = page.getByRole('article', { name: 'Question A-1' });
    await question.getByText(/\$8\.00 an hour/).waitFor();
    await question.getByRole('button', { name: 'Approve' }).click();
    await question.waitFor({ state: 'detached' });
    expect((await home.vigil('budget')).stdout).toMatch(/hour\.hard +\$0\.00 +\$8\.00/);
  });

  it('needed nothing that its content security policy forbids', () => {
    expect(complaints).toEqual([]);
  });

  it('says so when the node stops', async () => {
    node.kill('SIGINT');
    await see(/Connection lost/);
  });
});
