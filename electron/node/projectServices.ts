import { homedir } from 'node:os';
import type { ProjectView } from '../../shared/model/api.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { EventBody } from '../../shared/model/events.ts';
import type { ProjectId } from '../../shared/model/ids.ts';
import type { FoundRepositories, ProjectInspection } from '../../shared/model/inspectionApi.ts';
import { statusOf } from '../../shared/world/status.ts';
import type { Engine } from './engine.ts';
import type { Integrator } from './integrator.ts';
import type { Ledger } from './ledger.ts';
import type { MeshServices } from './mesh/meshServices.ts';
import type { Projects } from './projects.ts';
import type { WorkParts } from './taskServices.ts';

/** What the API offers on projects. */
export class ProjectServices {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly engine: Engine | null;
  private readonly integrator: Integrator | null;
  private readonly mesh: MeshServices;

  constructor({ ledger, projects, engine, integrator }: WorkParts, mesh: MeshServices) {
    this.mesh = mesh;
    this.ledger = ledger;
    this.projects = projects;
    this.engine = engine;
    this.integrator = integrator;
  }

  list(): Promise<ProjectView[]> {
    return Promise.all([...this.ledger.world.projects.keys()].map((id) => this.view(id)));
  }

  view(id: ProjectId): Promise<ProjectView> {
    return this.projects.view(id);
  }

  /** What is found in a repository before it is added. */
  inspect(path: string): Promise<ProjectInspection> {
    return this.projects.inspect(path);
  }

  /** What there is to choose from on this machine. */
  findRepositories(): Promise<FoundRepositories> {
    return this.projects.find(homedir());
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
    return this.projects.view(id);
  }

  promote(
    id: ProjectId,
    who: string,
  ): Promise<{
    branch: string;
    from: Promoted['from'];
    to: Promoted['to'];
    commits: number;
  }> {
    return this.projects.promote(id, who);
  }
}

type Promoted = Extract<EventBody, { type: 'integration.promoted' }>;
