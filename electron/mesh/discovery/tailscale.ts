import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { MeshClock } from '../clock.ts';

/** The part of `tailscale status --json` that is read (ipnstate.Status in Tailscale's source). */
const Peer = z.object({
  HostName: z.string().default(''),
  TailscaleIPs: z.array(z.string()).nullish(),
  Online: z.boolean().default(false),
});
const Status = z.object({
  BackendState: z.string(),
  Peer: z.record(z.string(), Peer).nullish(),
});

/** A machine of the user's tailnet that is on. */
export interface TailnetPeer {
  readonly hostName: string;
  readonly ips: readonly string[];
}

const ASK_EVERY_MS = 60_000;
const TIMEOUT_MS = 5_000;
const OUTPUT_BYTES = 8 * 1024 * 1024;
const BINARIES = ['tailscale', '/Applications/Tailscale.app/Contents/MacOS/Tailscale'];

/** Asks Tailscale, where there is one, for the machines it knows; at most once a minute. */
export class Tailscale {
  private readonly clock: MeshClock;
  private askedAtMs: number | null = null;
  private answer: Promise<readonly TailnetPeer[]> = Promise.resolve([]);

  constructor(clock: MeshClock) {
    this.clock = clock;
  }

  peers(): Promise<readonly TailnetPeer[]> {
    const now = this.clock.nowMs();
    // The distance both ways: a clock that was set back must not keep it from asking for hours.
    if (this.askedAtMs === null || Math.abs(now - this.askedAtMs) >= ASK_EVERY_MS) {
      this.askedAtMs = now;
      this.answer = ask();
    }
    return this.answer;
  }
}

/** The machines in Tailscale's JSON that are on; none while it is logged out or stopped. Throws for other JSON. */
export function readTailscale(json: string): TailnetPeer[] {
  const status = Status.parse(JSON.parse(json));
  if (status.BackendState !== 'Running') return [];
  return Object.values(status.Peer ?? {})
    .filter(({ Online }) => Online)
    .map(({ HostName, TailscaleIPs }) => ({ hostName: HostName, ips: TailscaleIPs ?? [] }));
}

async function ask(): Promise<readonly TailnetPeer[]> {
  for (const binary of BINARIES) {
    try {
      const { stdout } = await promisify(execFile)(binary, ['status', '--json'], {
        timeout: TIMEOUT_MS,
        maxBuffer: OUTPUT_BYTES,
      });
      return readTailscale(stdout);
    } catch {
      // Not installed, not running, or of a version with another answer: one way fewer to find a member.
    }
  }
  return [];
}
