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
  private opening: Promise<Gateway> | null = null;

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

  /** Of the loopback address. */
  async url(): Promise<string> {
    return (await this.open()).url;
  }

  async port(): Promise<number> {
    return Number(new URL(await this.url()).port);
  }

  async grant(purpose: CallPurpose, route: readonly ModelTarget[]): Promise<GrantedToken> {
    return (await this.open()).grant(purpose, route);
  }

  async close(): Promise<void> {
    const gateway = await this.opening?.catch(() => null);
    this.opening = null;
    await gateway?.close();
  }

  private open(): Promise<Gateway> {
    this.opening ??= this.start().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  private start(): Promise<Gateway> {
    return startGateway({
      meter: this.meter,
      providers: () => this.providers(),
      onError: this.fail,
    });
  }

  private providers(): GatewayProvider[] {
    return Object.entries(this.ledger.world.supply.providers).map(([name, config]) => {
      const id = ProviderId.parse(name);
      return { id, config, key: () => this.key(id) };
    });
  }
}
