import picomatch from 'picomatch';
import type { AgentRole } from '../model/agent.ts';
import { reservedCommand, reservedFile } from './reserved.ts';
import { outsideScope } from './scope.ts';
import { isTestFile } from './tests.ts';

/** What a tool of an agent does, in the words of the Agent Client Protocol. */
export type ToolKind =
  | 'read'
  | 'search'
  | 'edit'
  | 'delete'
  | 'move'
  | 'execute'
  | 'think'
  | 'fetch'
  | 'switch_mode'
  | 'other';

/** What an agent asks to do, whichever agent it is. */
export interface PermissionRequest {
  readonly kind: ToolKind;
  readonly title: string;
  /** Relative to the worktree with `/`, links resolved; absolute where they lead out of it. */
  readonly paths: readonly string[];
  /** The shell line of an `execute`. */
  readonly command: string | null;
}

export interface PermissionRules {
  /** Globs, files and folders that the task may change; empty: the whole project. */
  readonly scope: readonly string[];
  readonly role: AgentRole;
  /** Globs that no task of the project may change. */
  readonly denylist: readonly string[];
}

/** `ask` is for a human; until one has answered it is a no. */
export interface PermissionDecision {
  readonly answer: 'allow' | 'deny' | 'ask';
  readonly reason: string;
}

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

/**
 * Answers a permission request. Commands are allowed but for what oversight reserves for humans: the
 * sandbox around the agent, not this reading of a shell line, is what holds them inside the worktree.
 */
export function decidePermission(
  request: PermissionRequest,
  rules: PermissionRules,
): PermissionDecision {
  switch (request.kind) {
    case 'think':
      return allow('thinking changes nothing');
    case 'read':
    case 'search': {
      const outside = request.paths.find(isOutside);
      return outside === undefined
        ? allow('reading inside the worktree')
        : deny(`${outside} is outside the worktree`);
    }
    case 'edit':
    case 'delete':
    case 'move':
      if (request.paths.length === 0) return deny('the request does not say which file it changes');
      return strictest(request.paths.map((path) => decideWrite(path, rules)));
    case 'execute':
      return decideCommand(request.command ?? request.title);
    case 'fetch':
      return deny('tasks are done without the web: use what is in the worktree');
    case 'switch_mode':
      return deny('the mode of this session is not for the agent to change');
    case 'other':
      return request.command === null
        ? ask(`nobody has said what “${request.title}” may do`)
        : decideCommand(request.command);
    default:
      return request.kind satisfies never;
  }
}

function decideWrite(path: string, { scope, role, denylist }: PermissionRules): PermissionDecision {
  if (isOutside(path)) return deny(`${path} is outside the worktree`);
  if (path === '.git' || path.startsWith('.git/')) return deny('git’s own files are not for tasks');
  if (role === 'reviewer') return deny('a reviewer changes no files');
  if (role === 'tester' && !isTestFile(path))
    return deny(`a tester changes test files only, and ${path} is none`);
  if (outsideScope([path], scope).length > 0)
    return deny(
      scope.length === 0
        ? `${path} holds Vigil's own rules`
        : `${path} is outside the scope of the task (${scope.join(', ')})`,
    );
  if (denylist.some((glob) => covers(glob, path)))
    return deny(`the project lets no task change ${path}`);
  const reserved = reservedFile(path);
  return reserved === null
    ? allow(`${path} is inside the scope`)
    : ask(`${path} is part of ${reserved}, which a human has to allow`);
}

function decideCommand(line: string): PermissionDecision {
  const reserved = reservedCommand(line);
  return reserved === null
    ? allow('commands run in the sandbox')
    : ask(`${reserved}, which a human has to allow`);
}

function strictest(decisions: readonly PermissionDecision[]): PermissionDecision {
  return decisions.reduce((worst, next) =>
    STRICTNESS[next.answer] > STRICTNESS[worst.answer] ? next : worst,
  );
}

/** A bare path also means everything below it, as in a scope. */
function covers(glob: string, path: string): boolean {
  const bare = glob.replace(/^\.\//, '').replace(/\/+$/, '');
  return (
    path === bare || path.startsWith(`${bare}/`) || picomatch.isMatch(path, bare, { dot: true })
  );
}

function isOutside(path: string): boolean {
  return /^([\\/]|[A-Za-z]:)/.test(path) || path.split('/').includes('..');
}

const allow = (reason: string): PermissionDecision => ({ answer: 'allow', reason });
const deny = (reason: string): PermissionDecision => ({ answer: 'deny', reason });
const ask = (reason: string): PermissionDecision => ({ answer: 'ask', reason });
