import { type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSample } from '../../electron/node/sample/createSample.ts';
import { findBrowser } from '../systemPackages.ts';
import { Home, printed } from '../electron/cli/vigil.ts';
import { faults } from './accessible.ts';

/** Named as on a PATH where none was found, so that the launch says what is missing. */
const CHROMIUM = findBrowser() ?? 'chromium';

const MARKUP = '<img src=x onerror="document.title=1">';

const TASKS = `
- key: slow
  title: Count until told to stop
  run: 'for i in $(seq 600); do echo "line $i"; test -e "$HOME_OF_TEST/go" && break; sleep 0.1; done; echo done > counted.txt'
  scope: [counted.txt]
  review: true
- title: Wait for the count
  run: cat counted.txt
  dependencies: [{ type: hard, artifact: counted.txt, task: slow }]
- key: large
  title: 'Write much ${MARKUP}'
  run: 'seq 1 100000; seq 1 45000 | sed "s/.*/const value& = &;/" > large.js'
  scope: [large.js]
  minQuality: 0
  maxAttempts: 1
  dependencies: [{ type: hard, artifact: counted.txt, task: slow }]
- title: 'Fail and fail'
  run: 'echo "it broke" >&2; exit 3'
  maxAttempts: 1
`;

/** What a person sees and does on the page of a real node, in the order in which the work goes. */
describe('the page', () => {
  let home: Home;
  let node: ChildProcess;
  let browser: Browser | undefined;
  let page: Page;
  let address: URL;
  let sample: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    home = await Home.create();
    await writeFile(
      join(home.folder, 'config.yaml'), // A task waits for a file in the home, which the sandbox hides.
      'sandbox: agents\nlimits:\n  cyclesPerDay: 0\n  leastFreeDiskBytes: 0\n  leastFreeDiskShare: 0\n',
    );
    sample = join(home.folder, 'sample');
    await createSample(sample);
    node = home.start(['up', '--port', '0']);
    const [, url = ''] = await printed(node, /Page: (\S+)/);
    address = new URL(url);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.setDefaultTimeout(15_000);
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
  const go = (name: string) =>
    page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
  it('says what it needs when it is opened without its link', async () => {
    await page.goto(address.origin);
    await see('This page needs its link');
    expect(await faults(page)).toEqual([]);
  });

  it('takes the token out of the address, and leads to the first run where there is no project', async () => {
    await page.goto('about:blank');
    await page.goto(address.href);
    await page.getByRole('heading', { name: 'First run' }).waitFor();
    expect(new URL(page.url())).toMatchObject({ hash: '', pathname: '/start' });
  });

  it('says of a path that is no repository what to do', async () => {
    await page.getByLabel(/Path of a git repository/).fill(join(home.folder, 'nowhere'));
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('alert').first().waitFor();
    expect(await faults(page)).toEqual([]);
  });

  it('shows what is in a repository before it begins, and that no agent is needed to begin', async () => {
    await page.getByLabel(/Path of a git repository/).fill(sample);
    await page.getByRole('button', { name: 'Look at it' }).click();
    await section('What was found').getByText('npm test').first().waitFor();
    await section('What will happen')
      .getByText(/worktree of its own/)
      .waitFor();
    await see(/No coding agent is ready on this machine/);
    expect(await faults(page)).toEqual([]);
    const { stdout } = await home.vigil('project', 'list', '--json');
    expect(JSON.parse(stdout)).toEqual({ projects: [] });
    await page.getByRole('button', { name: 'Start' }).click();
    await see(/Its tests as they are/);
    await see(/of 15 fail/);
    const tasks = join(home.folder, 'tasks.yaml');
    await writeFile(tasks, TASKS.replace('$HOME_OF_TEST', home.folder));
    expect((await home.vigil('task', 'add', '-f', tasks)).stderr).toBe('');
  });

  it('shows the running task with the end of its log', async () => {
    await go('Overview');
    const running = section('Running');
    await running.getByText('Count until told to stop').waitFor();
    await running.getByRole('button', { name: 'Log of T-1' }).click();
    await running.getByText(/line \d+/).waitFor();
    expect(await faults(page)).toEqual([]);
  });

  it('says in the queue what waits for what, and finds it again by its address', async () => {
    await go('Queue');
    await section('Waiting')
      .getByText(/counted\.txt/)
      .first()
      .waitFor();
    await page.getByLabel('Text').fill('wait for the c');
    await page.waitForURL(/text=wait/);
    await section('Waiting').getByText(MARKUP, { exact: false }).waitFor({ state: 'detached' });
    await page.reload();
    await section('Waiting').getByText('Wait for the count').waitFor();
    expect(await section('Waiting').getByRole('listitem').count()).toBe(1);
    expect(await faults(page)).toEqual([]);
  });

  it('explains a task by keyboard alone, and leads back', async () => {
    const link = section('Waiting').getByRole('link', { name: /Wait for the count/ });
    await link.focus();
    await page.keyboard.press('Enter');
    for (const part of ['Generation', 'Dispatch', 'Execution', 'Outcome', 'Impact'])
      await page.getByRole('heading', { name: part }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/tasks/T-2');
    await page.goBack();
    await section('Waiting').getByText('Wait for the count').waitFor();
  });

  it('pauses and resumes', async () => {
    await go('Overview');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await see(/paused on the page/);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  });

  it('shows a result that waits for a person, and merges it when it is approved', async () => {
    await writeFile(join(home.folder, 'go'), '');
    await go('Approvals');
    const review = page.getByRole('article', { name: 'Review of T-1' });
    await review.getByText(/^Diff, 1 file, \+1 −0$/).waitFor();
    await review.getByText('tests', { exact: true }).waitFor({ state: 'hidden' });
    await review.getByText(/^\d+ checks passed, quality/).click();
    await review.getByText('tests', { exact: true }).waitFor();
    await review.getByText('Diff', { exact: true }).click();
    await review.getByText('+done').waitFor();
    expect(await faults(page)).toEqual([]);
    await review.getByRole('button', { name: 'Reject' }).click();
    await review.getByText(/Say why/).waitFor();
    await review.getByLabel('Comment').fill('looks right');
    await review.getByRole('button', { name: 'Approve' }).click();
    await review.waitFor({ state: 'detached' });
    await go('Overview');
    const finished = section('Recently finished');
    await finished.getByText('Count until told to stop').waitFor();
    await finished.getByText('Wait for the count').waitFor();
  });

  it('shows a diff and a log of any size in part, and says what was cut', async () => {
    await page.goto(`${address.origin}/tasks/T-3`);
    await page.getByRole('heading', { name: MARKUP, exact: false }).waitFor();
    await page.getByText('Diff', { exact: true }).click();
    await see(/only the first 1 MB of the diff/);
    await page.locator('summary').getByText('large.js').click();
    await page.getByText('+const value1 = 1;').waitFor();
    await page.locator('[class*=keyword]').first().waitFor();
    await see(/more lines not shown/);
    expect(new URL(page.url()).search).toBe('?show=diff-1');
    await page.getByText('Log', { exact: true }).click();
    await see(/Only the last 33 kB are shown/);
    await see(/100000/);
    expect(await faults(page)).toEqual([]);
  });

  it('gives a failed task another chance', async () => {
    await go('Queue');
    await page.goto(`${address.origin}/queue?status=failed`);
    await section('Ended').getByRole('button', { name: 'Retry T-4' }).click();
    await section('Ended')
      .getByRole('button', { name: 'Retry T-4' })
      .waitFor({ state: 'detached' });
  });

  it('says what a coding agent would make possible for a task that is added by its form', async () => {
    await page.getByRole('button', { name: 'Add a task' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Title').fill('Parse dates');
    await form.getByLabel('What is wanted').fill('Parse ISO dates.');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('heading', { name: /Parse dates/ }).waitFor();
    await go('Overview');
    await see(/1 task waits for a coding agent: connect a model/);
  });

  it('asks before a cap rises, and raises it for a yes given by keyboard', async () => {
    await go('Approvals');
    await home.vigil('budget', '--set', 'hour.hard=8');
    const question = page.getByRole('article', { name: 'Question A-1' });
    await question.getByText(/hour\.hard from \$\d\.00 to \$8\.00/).waitFor();
    await question.focus();
    await page.keyboard.press('a');
    await question.waitFor({ state: 'detached' });
    expect((await home.vigil('budget')).stdout).toMatch(/hour\.hard +\$0\.00 +\$8\.00/);
  });

  it('keeps the place of a question that is answered elsewhere, and says who came first', async () => {
    await home.vigil('budget', '--set', 'hour.hard=9');
    await home.vigil('budget', '--set', 'day.hard=99');
    const [first, second] = ['A-2', 'A-3'].map((id) =>
      page.getByRole('article', { name: `Question ${id}` }),
    );
    const top = async () => (await second?.boundingBox())?.y;
    await second?.waitFor();
    await second?.hover();
    const before = await top();
    await home.vigil('approvals', 'deny', 'A-2');
    await first?.waitFor({ state: 'detached' });
    await see('A-2 was answered elsewhere.');
    expect(await top()).toBe(before);
    // The answer that comes second: this page has not heard of the first one.
    await page.route('**/v1/approvals/A-3', async (route) => {
      await home.vigil('approvals', 'deny', 'A-3');
      await route.continue();
    });
    await second?.getByRole('button', { name: 'Approve' }).click();
    await see(/A-3 was answered elsewhere before your answer arrived/);
  });

  it('brings what was integrated to the branch', async () => {
    await go('Overview');
    const projects = section('Projects');
    await projects.getByRole('button', { name: /^Promote/ }).click();
    await projects.getByText(/main has it all/).waitFor();
  });

  it('fits a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of ['/', '/approvals', '/queue', '/tasks/T-1', '/start']) {
      await page.goto(address.origin + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect([path, wide]).toEqual([path, 390]);
    }
  });

  it('needed nothing that its content security policy forbids', () => {
    const refused = /status of (400|404|409)/;
    expect(complaints.filter((complaint) => !refused.test(complaint))).toEqual([]);
  });

  it('says so when the node stops', async () => {
    node.kill('SIGINT');
    await see(/Connection lost/);
    expect(await faults(page)).toEqual([]);
  });
});
