import type { CallPurpose } from '../../../shared/model/agent.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { engineTarget } from '../../../shared/decide/route.ts';
import type { SpecRequest } from '../../../shared/prompt/specPrompt.ts';
import { ModelClient } from '../../gateway/modelClient.ts';
import type { Ledger } from '../ledger.ts';
import type { ModelGateway } from './modelGateway.ts';

/** The engine's own questions to a model, paid and capped like any agent's. */
export class EngineCalls {
  private readonly ledger: Ledger;
  private readonly gateway: ModelGateway;

  constructor(ledger: Ledger, gateway: ModelGateway) {
    this.ledger = ledger;
    this.gateway = gateway;
  }

  /** Asks once. Throws what the gateway throws, and `not-found` when there is no model. */
  async ask(
    { system, prompt, maxTokens }: SpecRequest,
    purpose: CallPurpose,
  ): Promise<{ text: string }> {
    const chosen = engineTarget(this.ledger.world);
    if (!chosen)
      throw new VigilError(
        'not-found',
        'no model is there that could be asked',
        'Add a provider: `vigil providers add`.',
      );
    const { token, revoke } = await this.gateway.grant(purpose, [chosen.target]);
    try {
      const { format } = chosen;
      return await new ModelClient(await this.gateway.url()).complete({
        token,
        format,
        system,
        prompt,
        maxTokens,
      });
    } finally {
      revoke();
    }
  }
}
