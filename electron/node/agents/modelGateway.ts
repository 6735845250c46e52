import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProviderId, type CallPurpose, type ModelTarget } from '../../../shared/model/agent.ts';
import type { CapReached } from '../../../shared/model/budget.ts';
import { startGateway, type Gateway } from '../../gateway/gateway.ts';
import type { GrantedToken } from '../../gateway/grants.ts';
import type { CallStart } from '../../gateway/meter.ts';
import type { GatewayProvider } from '../../gateway/provider.ts';
import { LedgerMeter } from '../meter.ts';
import type { Ledger } from '../ledger.ts';

/**
 * The node's gateway to models. It opens with the first call that somebody wants to make: an idle node,
 * or one without a provider, listens to nobody.
 */
export class ModelGateway {
  private readonly ledger: Ledger;
  private readonly meter: LedgerMeter;
  private readonly key: (provider: ProviderId) => string | null;
  private readonly fail: (error: unknown) => void;
  private opening: Promise<{ gateway: Gateway; folder: string }> | null = null;

  constructor(options: {
    ledger: Ledger;
    key: (provider: ProviderId) => string | null;
    /** Told of every call that a cap refused. */
    refused: (call: CallStart, reached: CapReached) => void;
    fail: (error: unknown) => void;
  }) {
    this.ledger = options.ledger;
    this.key = options.key;
    this.fail = options.fail;
    this.meter = new LedgerMeter(options.ledger, options.refused);
  }

  /** Counts what an earlier run of the node left open. */
  settleLost(): void {
    this.meter.settleLost();
  }

  /** Where agents reach it: by loopback, and by a socket where they have no network. */
  async address(): Promise<{ url: string; socketPath: string }> {
    const { gateway } = await this.open();
    return { url: gateway.url, socketPath: gateway.socketPath ?? '' };
  }

  async grant(purpose: CallPurpose, route: readonly ModelTarget[]): Promise<GrantedToken> {
    return (await this.open()).gateway.grant(purpose, route);
  }

  async close(): Promise<void> {
    const opened = await this.opening?.catch(() => null);
    this.opening = null;
    if (!opened) return;
    await opened.gateway.close();
    rmSync(opened.folder, { recursive: true, force: true });
  }

  private open(): Promise<{ gateway: Gateway; folder: string }> {
    this.opening ??= this.start().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  private async start(): Promise<{ gateway: Gateway; folder: string }> {
    // Not in the home: its path may be longer than the address of a socket can be.
    const folder = mkdtempSync(join(tmpdir(), 'vigil-gate-'));
    const gateway = await startGateway({
      meter: this.meter,
      providers: () => this.providers(),
      socketPath: join(folder, 's'),
      onError: this.fail,
    });
    return { gateway, folder };
  }

  private providers(): GatewayProvider[] {
    return Object.entries(this.ledger.world.supply.providers).map(([name, config]) => {
      const id = ProviderId.parse(name);
      return { id, config, key: () => this.key(id) };
    });
  }
}
