import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';

/** What axe finds seriously wrong in what a page shows now, in light and in dark. */
export async function faults(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode()
      .options({ resultTypes: ['violations'] })
      .analyze();
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        found.push(`${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }
  return found;
}

/** More steps than any dialog has places to be. */
const STEPS = 15;

/**
 * What is wrong with a dialog for whoever has no mouse or does not see it: it is opened by keyboard, walked
 * through, closed by Escape, and the focus is then where it was before.
 */
export async function dialogFaults(page: Page, opener: Locator): Promise<string[]> {
  const dialog = page.getByRole('dialog');
  const hasFocus = (element: Element) => element.contains(document.activeElement);
  await opener.focus();
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  const found = await faults(page);
  for (let step = 0; step < STEPS; step += 1) {
    await page.keyboard.press('Tab');
    if (await dialog.evaluate(hasFocus)) continue;
    found.push(`the focus leaves it after ${step} steps`);
    break;
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  if (!(await opener.evaluate(hasFocus))) found.push('the focus does not come back');
  return found;
}
