import type { NodeConfig } from '../../shared/model/config.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { ProjectId } from '../../shared/model/ids.ts';
import type { ProjectState } from '../../shared/world/project.ts';
import { projectSandbox } from '../execute/sandbox/projectSandbox.ts';
import type { ProjectGround } from '../execute/sandbox/projectPolicy.ts';
import { checkSandbox, type SandboxCheck } from '../execute/sandbox/sandbox.ts';
import type { ProjectClone } from '../execute/repository/clone.ts';
import type { WrapCommand } from '../tools/wrapCommand.ts';

/** How the code of a project is run at the moment. */
export interface Hold {
  /** Whether in the sandbox. What tests said inside is not compared with what they said outside. */
  readonly held: boolean;
  /** For what runs in one worktree; undefined: it runs as it is. */
  wrap(worktree: string, use: { readonly writesDependencies: boolean }): WrapCommand | undefined;
}

/**
 * Decides whether what runs a project's code runs in the sandbox. Code that an agent wrote never runs
 * outside of it; the user's own does where there is no sandbox, or where they want it so.
 */
export class Containment {
  private readonly projects: () => ReadonlyMap<ProjectId, ProjectState>;
  private readonly home: string;
  private readonly mode: NodeConfig['sandbox'];
  private checked: Promise<SandboxCheck> | null = null;

  /** `projects` are those of the node as they are when it is asked. */
  constructor(
    projects: () => ReadonlyMap<ProjectId, ProjectState>,
    home: string,
    mode: NodeConfig['sandbox'],
  ) {
    this.projects = projects;
    this.home = home;
    this.mode = mode;
  }

  /** Whether this machine can hold commands: asked once, when it first matters. */
  check(): Promise<SandboxCheck> {
    return (this.checked ??= checkSandbox());
  }

  /**
   * How a project's code runs now; `byAgent`: an agent's result is among it that has not merged yet.
   * Throws `sandbox-unavailable` when it must be held and can't.
   */
  async of(clone: ProjectClone, byAgent: boolean): Promise<Hold> {
    const state = this.projects().get(clone.project.id);
    const must = byAgent || (state !== undefined && agentsWorked(state));
    if (!must && this.mode === 'agents') return UNHELD;
    const { ok, detail, help } = await this.check();
    if (!ok && must)
      throw new VigilError(
        'sandbox-unavailable',
        `agents have worked on ${clone.project.id}, and its code can't be held in a sandbox here: ${detail}`,
        help ?? 'Run it on a Linux or macOS machine.',
      );
    if (!ok) return UNHELD;
    return {
      held: true,
      wrap: (worktree, use) => projectSandbox(this.ground(clone, worktree), use),
    };
  }

  /** What a sandbox has to know of a project, for one worktree. */
  ground(clone: ProjectClone, worktree: string): ProjectGround {
    return {
      nodeHome: this.home,
      repository: clone.repository,
      worktree,
      userRepositories: [...this.projects().values()].flatMap(
        ({ definition }) => definition.path ?? [],
      ),
      network: clone.project.profile.network ?? [],
    };
  }
}

const UNHELD: Hold = { held: false, wrap: () => undefined };

/** Whether a result of an agent was ever judged in a project: what merged was. */
function agentsWorked({ gates }: ProjectState): boolean {
  return gates.reviewed > 0 || Object.values(gates.kinds).some((gate) => gate !== undefined);
}
