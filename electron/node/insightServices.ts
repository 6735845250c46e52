import type { NodeConfig } from '../../shared/model/config.ts';
import type {
  DecisionsView,
  InsightView,
  NodeSeriesView,
  SettingsView,
  SpendingView,
} from '../../shared/model/insightApi.ts';
import { FeltSamples } from './feltSamples.ts';
import type { Ledger } from './ledger.ts';
import type { MeshServices } from './mesh/meshServices.ts';
import { decisionsView, insightView, nodeSeriesView, spendingView } from './views/insight.ts';
import { settingsView } from './views/settings.ts';

/** What the API tells of how the work goes over time, and of how the node is set; also while no node runs. */
export class InsightServices {
  private readonly ledger: Ledger;
  private readonly mesh: MeshServices;
  private readonly home: string;
  private readonly config: NodeConfig;
  private readonly felt = new FeltSamples();

  constructor(options: { ledger: Ledger; mesh: MeshServices; home: string; config: NodeConfig }) {
    this.ledger = options.ledger;
    this.mesh = options.mesh;
    this.home = options.home;
    this.config = options.config;
  }

  insights(hours: number): InsightView {
    return insightView(this.ledger, hours);
  }

  decisions(query: { before?: number | undefined; limit: number }): DecisionsView {
    return decisionsView(this.ledger, query);
  }

  spending(): SpendingView {
    return spendingView(this.ledger);
  }

  /** Throws `not-found`, and `invalid-input` for a name that several nodes have. */
  nodeSeries(nameOrId: string, hours: number): NodeSeriesView {
    const { id } = this.mesh.node(nameOrId);
    this.sample();
    const view = nodeSeriesView(this.ledger, id, hours);
    return { ...view, felt: this.felt.since(id, view.sinceMs) };
  }

  /** Notes what the nodes feel now. */
  sample(): void {
    for (const { id, senses } of this.mesh.nodes().nodes) if (senses) this.felt.add(id, senses);
  }

  settings(): SettingsView {
    return settingsView(this.home, this.config);
  }
}
