import { createHash, randomBytes } from 'node:crypto';
import type { CallPurpose, ModelTarget } from '../../shared/model/agent.ts';

/** Who may call, for what, and where the calls go. */
export interface Grant {
  readonly purpose: CallPurpose;
  readonly route: readonly ModelTarget[];
  /** Fires when the grant is revoked: what still runs on it ends. */
  readonly ended: AbortSignal;
}

export interface GrantedToken {
  readonly token: string;
  /** Refuses the token from now on and ends its running calls. */
  readonly revoke: () => void;
}

/** The tokens that the gateway lets in, kept as hashes in memory only. */
export class Grants {
  private readonly grants = new Map<string, Grant>();

  make(purpose: CallPurpose, route: readonly ModelTarget[]): GrantedToken {
    const token = `vigil-${randomBytes(32).toString('base64url')}`;
    const end = new AbortController();
    this.grants.set(hash(token), { purpose, route, ended: end.signal });
    return {
      token,
      revoke: () => {
        this.grants.delete(hash(token));
        end.abort();
      },
    };
  }

  find(token: string): Grant | null {
    return this.grants.get(hash(token)) ?? null;
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
