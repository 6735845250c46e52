import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { z } from 'zod';
import { runningNode } from '../../electron/client/runningNode.ts';
import { electronProgram } from '../electronRuntime.ts';
import { cleanEnvironment, ROOT } from '../electron/cli/vigil.ts';
import type { Desktop } from './desktop.ts';

const LOOK_MS = 50;
/** The app's folder as Playwright starts it, see there. */
const HELD = join(ROOT, 'test/shell/held');

/** The app as its user has it, on a desktop of the test's own. */
export class ShellApp {
  readonly electron: ElectronApplication;
  readonly home: string;

  private constructor(electron: ElectronApplication, home: string) {
    this.electron = electron;
    this.home = home;
  }

  /** `node`: the program that runs its node. */
  static async start(desktop: Desktop, home: string, node?: string): Promise<ShellApp> {
    const command = shellCommand(desktop, home, node);
    const args = command.args.map((part) => (part === ROOT ? HELD : part));
    return new ShellApp(await _electron.launch({ ...command, args }), home);
  }

  /** Calls the API of the node that the app looks at. Rejects when it refuses. */
  async call<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.infer<S>> {
    const node = await until(() => runningNode(this.home));
    const response = await fetch(node.url + path, {
      method,
      headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return schema.parse(await response.json());
  }

  /** The page of the window at this address of the app, once it is there. */
  page(path: string): Promise<Page> {
    return until(
      () =>
        this.electron.windows().find((page) => new URL(page.url()).pathname.startsWith(path)) ??
        null,
    );
  }

  /** How many windows can be seen. */
  visibleWindows(): Promise<number> {
    return this.electron.evaluate(
      ({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().filter((window) => window.isVisible()).length,
    );
  }

  async close(): Promise<void> {
    await this.electron.close();
  }
}

/** How the app of this checkout is started; its node runs on the Node that runs this, unless another is named. */
export function shellCommand(
  desktop: Desktop,
  home: string,
  node: string = process.execPath,
): { executablePath: string; args: string[]; env: Record<string, string> } {
  const inherited = Object.entries(cleanEnvironment()).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    executablePath: electronProgram(),
    args: ['--no-sandbox', ROOT],
    env: {
      ...Object.fromEntries(inherited),
      ...desktop.env,
      VIGIL_HOME: home,
      VIGIL_NODE: node,
      XDG_CONFIG_HOME: `${home}/config`,
    },
  };
}

/** Resolves with the first answer that is not null, false or an error. */
export async function until<T>(
  look: () => T | null | false | Promise<T | null | false>,
): Promise<T> {
  for (;;) {
    const found = await Promise.resolve()
      .then(look)
      .catch(() => null);
    if (found !== null && found !== false) return found;
    await sleep(LOOK_MS);
  }
}
