import { Notification, powerMonitor, powerSaveBlocker } from 'electron';
import type { ShellState } from '../../shared/model/notice.ts';
import { SensesFed, type FedSenses, type SensesFeed } from '../../shared/model/senses.ts';
import type { NodeLink } from './nodeLink.ts';

/** What was fed is said again so often, ms. */
const FEED_MS = 20_000;
/** It counts three times as long: one that is lost does no harm, and who is gone is soon forgotten, ms. */
const TTL_MS = 3 * FEED_MS;

const onMac = process.platform === 'darwin';

/** Feeds what Electron feels of the machine into the node, and holds the machine awake when the node asks. */
export class Power {
  private readonly link: NodeLink;
  private speedLimit: number | null = null;
  private suspending = false;
  private locked: boolean | null = null;
  private blocker: number | null = null;

  constructor(link: NodeLink) {
    this.link = link;
    const tell = () => void this.feed();
    powerMonitor.on('on-ac', tell);
    powerMonitor.on('on-battery', tell);
    powerMonitor.on('suspend', () => {
      this.suspending = true;
      tell();
    });
    powerMonitor.on('resume', () => {
      this.suspending = false;
      tell();
    });
    powerMonitor.on('lock-screen', () => (this.locked = true));
    powerMonitor.on('unlock-screen', () => (this.locked = false));
    powerMonitor.on('thermal-state-change', tell);
    powerMonitor.on('speed-limit-change', ({ limit }) => {
      this.speedLimit = limit / 100;
      tell();
    });
    link.listen({
      onOpen: tell,
      onEvent: () => undefined,
      onClose: () => this.hold(false),
    });
    setInterval(tell, FEED_MS);
  }

  /** How the human of this machine is, and whether it can show them something. */
  state(): ShellState {
    const idleS = powerMonitor.getSystemIdleTime();
    return {
      idleMs: idleS >= 0 ? idleS * 1_000 : null,
      locked: powerMonitor.getSystemIdleState(1) === 'locked' ? true : this.locked,
      notifies: Notification.isSupported(),
    };
  }

  /** Tells the node what is felt now. */
  async feed(): Promise<void> {
    if (!this.link.live) return;
    const feed: SensesFeed = { senses: this.senses(), ttlMs: TTL_MS };
    await this.link.call('POST', '/v1/senses', SensesFed, feed).then(
      ({ keepAwake }) => this.hold(keepAwake),
      // The link tells when the node is gone; an older one does not listen.
      () => this.hold(false),
    );
  }

  private senses(): FedSenses {
    const level = onMac ? powerMonitor.getCurrentThermalState() : 'unknown';
    const thermal = {
      ...(level === 'unknown' ? {} : { level }),
      ...(this.speedLimit === null ? {} : { speedLimit: this.speedLimit }),
    };
    return {
      ...(Object.keys(thermal).length === 0 ? {} : { thermal }),
      ...powerOf(powerMonitor.isOnBatteryPower()),
      sleep: { imminent: this.suspending },
    };
  }

  /** Against idle sleep only: who closes the lid wants it to sleep. */
  private hold(wanted: boolean): void {
    if (wanted === (this.blocker !== null)) return;
    if (this.blocker !== null) powerSaveBlocker.stop(this.blocker);
    this.blocker = wanted ? powerSaveBlocker.start('prevent-app-suspension') : null;
  }
}

/** Elsewhere than on macOS `false` is also what Electron says when it does not know. */
function powerOf(onBattery: boolean): Pick<FedSenses, 'power'> {
  if (onBattery) return { power: { source: 'battery' } };
  return onMac ? { power: { source: 'ac' } } : {};
}
