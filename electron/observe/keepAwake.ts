import { spawn, type ChildProcess } from 'node:child_process';
import type { NodeConfig } from '../../shared/model/config.ts';
import type { Senses } from '../../shared/model/senses.ts';

/** A program that holds its system awake as long as it runs. */
interface Holder {
  readonly program: string;
  readonly args: readonly string[];
}

/** Null where nothing is known that would do it. */
function holderOf(platform: NodeJS.Platform): Holder | null {
  switch (platform) {
    case 'darwin':
      // Idle sleep only: who closes the lid wants it to sleep. Ends with the node by itself.
      return { program: 'caffeinate', args: ['-i', '-w', String(process.pid)] };
    case 'linux':
      // `cat` ends when its input does, so also when the node is killed.
      return {
        program: 'systemd-inhibit',
        args: [
          '--what=idle:sleep',
          '--mode=block',
          '--who=Vigil',
          '--why=A task is running',
          'cat',
        ],
      };
    default:
      return null;
  }
}

/** Keeps the machine awake while a task runs: on the mains, always, or never, as its user set it. */
export class KeepAwake {
  private readonly mode: NodeConfig['keepAwake'];
  private readonly platform: NodeJS.Platform;
  private child: ChildProcess | null = null;
  private missing: string | null = null;
  private asking = false;

  constructor(mode: NodeConfig['keepAwake'], platform: NodeJS.Platform = process.platform) {
    this.mode = mode;
    this.platform = platform;
  }

  /**
   * Holds or lets go. A power source that is not known is not taken for the mains. With a `helper`, a
   * program that can hold the machine too, only one of the two does: on macOS the helper, elsewhere it
   * only where this can't.
   */
  update(working: boolean, power: Senses['power'], helper = false): void {
    const allowed = this.mode === 'always' || (this.mode === 'ac' && power.source === 'ac');
    const wanted = working && allowed;
    const byHelper = helper && this.platform === 'darwin';
    if (wanted && !byHelper) this.hold();
    else this.release();
    this.asking = wanted && helper && (byHelper || this.missing !== null);
  }

  /** Whether the helper is to hold the machine. */
  get asksHelper(): boolean {
    return this.asking;
  }

  get holding(): boolean {
    return this.child !== null;
  }

  /** Why the machine can't be kept awake, once that has shown; null while nothing is wrong. */
  get trouble(): string | null {
    return this.asking ? null : this.missing;
  }

  /** Lets the machine sleep again, at once. */
  release(): void {
    const { child } = this;
    this.child = null;
    child?.stdin?.end();
    child?.kill();
  }

  private hold(): void {
    if (this.child || this.missing !== null) return;
    const holder = holderOf(this.platform);
    if (!holder) {
      this.missing = `nothing is known that keeps ${this.platform} awake`;
      return;
    }
    // A group of its own: Ctrl-C in the node's terminal is for the node, which may still have work to end.
    const child = spawn(holder.program, holder.args, {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.child = child;
    const ended = (why: string) => {
      if (this.child !== child) return;
      // It is not tried again: what is not there or not allowed will not be a second later.
      this.child = null;
      this.missing = `the machine is not kept awake: ${holder.program} ${why}`;
    };
    child.on('error', () => ended('is not there'));
    child.on('exit', (code) => ended(`ended with ${code ?? 'a signal'}`));
    // Its end may come before the end of its input.
    child.stdin.on('error', () => undefined);
    child.unref();
  }
}
