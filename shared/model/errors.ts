/**
 * An error that a user can act on: a stable code, what happened, and what to do about it.
 * The command line prints both sentences; the API sends all three.
 */
export class VigilError extends Error {
  override readonly name = 'VigilError';
  readonly code: ErrorCode;
  readonly help: string;

  constructor(code: ErrorCode, message: string, help: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}

export type ErrorCode =
  | 'misuse'
  | 'invalid-input'
  | 'not-found'
  | 'conflict'
  | 'cycle'
  | 'home-in-use'
  | 'port-in-use'
  | 'unauthorized'
  | 'not-a-repository'
  /** Only the node that has the user's repository can do it. */
  | 'not-home'
  | 'empty-repository'
  | 'git-failed'
  | 'install-failed'
  | 'command-failed'
  | 'timeout'
  | 'too-large'
  | 'disk-full'
  /** The disk of another node. */
  | 'peer-disk-full'
  | 'store-corrupt'
  | 'store-too-new'
  | 'node-unreachable'
  | 'budget-reached'
  | 'price-unknown'
  | 'provider-failed'
  | 'sandbox-unavailable'
  | 'home-copied'
  | 'invitation-damaged'
  | 'invitation-unknown'
  | 'invitation-expired'
  | 'invitation-used'
  | 'already-member'
  | 'not-a-member'
  | 'member-revoked'
  | 'mesh-full'
  | 'protocol-mismatch'
  | 'peer-unreachable'
  | 'internal';

/** Whether a disk took no more: nothing else that is tried now could be kept either. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'disk-full' || error.code === 'ENOSPC' || error.code === 'EDQUOT';
}

/** Whether code was not run because it could not be held: nothing else of it can be run now either. */
export function isUnheld(error: unknown): boolean {
  return error instanceof VigilError && error.code === 'sandbox-unavailable';
}

/** What went wrong in words, for any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
