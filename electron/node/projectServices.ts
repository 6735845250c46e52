import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import type {
  FoundRepositories,
  ProjectInspection,
  ProjectView,
} from '../../shared/model/projectApi.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { CommitId, ProjectId } from '../../shared/model/ids.ts';
import { statusOf } from '../../shared/world/status.ts';
import { findRepositories } from '../execute/repository/findRepositories.ts';
import { promote } from '../execute/repository/promote.ts';
import type { Engine } from './engine.ts';
import type { Integrator } from './integrator.ts';
import type { Ledger } from './ledger.ts';
import type { MeshServices } from './mesh/meshServices.ts';
import { defineProject } from './projectDefinition.ts';
import type { Projects } from './projects.ts';
import type { WorkParts } from './taskServices.ts';
import { projectView } from './views/project.ts';

/** What the API offers on projects. */
export class ProjectServices {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly engine: Engine | null;
  private readonly integrator: Integrator | null;
  private readonly mesh: MeshServices;
  private readonly home: string;

  constructor({
    ledger,
    projects,
    engine,
    integrator,
    mesh,
    home,
  }: WorkParts & { readonly mesh: MeshServices; readonly home: string }) {
    this.mesh = mesh;
    this.home = home;
    this.ledger = ledger;
    this.projects = projects;
    this.engine = engine;
    this.integrator = integrator;
  }

  list(): Promise<ProjectView[]> {
    return Promise.all([...this.ledger.world.projects.keys()].map((id) => this.view(id)));
  }

  view(id: ProjectId): Promise<ProjectView> {
    return projectView(this.ledger, this.projects, id);
  }

  /** What {@link add} would record of the repository at a path; nothing is changed. Rejects as it does. */
  async inspect(path: string): Promise<ProjectInspection> {
    const { definition, known } = await defineProject(this.ledger.world, path);
    return { ...definition, path: definition.path ?? path, known: known !== undefined };
  }

  /** The repositories of this machine's user that {@link add} could be given; Vigil's own clones are none. */
  async findRepositories(): Promise<FoundRepositories> {
    const folder = homedir();
    const own = new Set([await realpath(this.home)]);
    const { repositories, isCut } = await findRepositories(folder, own);
    const known = new Set([...this.ledger.world.projects.values()].map((p) => p.definition.path));
    return {
      ...{ folder, isCut },
      repositories: repositories.map((each) => ({ ...each, known: known.has(each.path) })),
    };
  }

  async add(path: string): Promise<ProjectView> {
    const id = await this.projects.add(path);
    this.engine?.wake('project.added');
    return this.view(id);
  }

  async remove(id: ProjectId): Promise<void> {
    const remove = () => this.projects.remove(id);
    const merging = [...this.ledger.world.tasks.values()].some(
      (task) => task.spec.project === id && statusOf(task) === 'merging',
    );
    // As with a single task: what is on its way into git arrives there first.
    if (this.integrator && merging) await this.integrator.exclusively(id, remove);
    else await remove();
    this.engine?.wake('project.removed');
  }

  /**
   * Makes this node the home of a project whose home is gone for good. As a member that one could come back and
   * merge where nobody looks any more; with `revoke` it is put out. Rejects with `conflict` when it is a member
   * and is not to be put out, and as `Projects.takeHome`.
   */
  async takeHome(
    id: ProjectId,
    { path, revoke }: { path: string; revoke: boolean },
    who: string,
  ): Promise<ProjectView> {
    await this.projects.takeHome(id, path, async (home) => {
      const member = this.mesh.nodes().nodes.find((node) => node.id === home);
      if (!member) return;
      if (!revoke)
        throw new VigilError(
          'conflict',
          `${member.name}, the home of ${id}, could come back and merge into its own repository`,
          `If it is gone for good, put it out: \`vigil revoke ${member.name}\`, or add \`--revoke\` here.`,
        );
      await this.mesh.revoke(member.id, who);
    });
    this.engine?.wake('project.added');
    return projectView(this.ledger, this.projects, id);
  }

  /** Fast-forwards the user's branch to the integrated tree, on a human's word. */
  async promote(
    id: ProjectId,
    who: string,
  ): Promise<{ branch: string; from: CommitId; to: CommitId; commits: number }> {
    const { clone } = await this.projects.runtime(id);
    const branch = clone.project.target;
    const result = await promote(clone);
    if (result.commits > 0) {
      const { from, to } = result;
      await this.ledger.commit({
        type: 'integration.promoted',
        project: id,
        branch,
        from,
        to,
        who,
      });
    }
    return { branch, ...result };
  }
}
