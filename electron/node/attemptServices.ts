import type { AgentRole } from '../../shared/model/agent.ts';
import type { TranscriptSearchView } from '../../shared/model/agentApi.ts';
import type { AttemptDiffView } from '../../shared/model/reviewApi.ts';
import { VigilError } from '../../shared/model/errors.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { readAttemptFile, type AttemptFile } from './attemptFiles.ts';
import type { Ledger } from './ledger.ts';
import type { MeshServices } from './mesh/meshServices.ts';
import type { Projects } from './projects.ts';
import { searchTranscripts, type TranscriptSearch } from './searchTranscripts.ts';
import { attemptDiff } from './views/attemptDiff.ts';
import { findTask } from './views/tasks.ts';

/** What attempts left: changes, output and transcripts, from whichever node has them. */
export class AttemptServices {
  private readonly ledger: Ledger;
  private readonly projects: Projects;
  private readonly mesh: MeshServices;
  private readonly home: string;

  constructor(options: { ledger: Ledger; projects: Projects; mesh: MeshServices; home: string }) {
    this.ledger = options.ledger;
    this.projects = options.projects;
    this.mesh = options.mesh;
    this.home = options.home;
  }

  /** What an attempt changed. Throws as `attemptDiff`. */
  diff(task: TaskId, attempt: number): Promise<AttemptDiffView> {
    return attemptDiff(this.ledger, this.projects, task, attempt);
  }

  /** The output of an attempt, or its last `tail` bytes. Throws as `file`. */
  log(task: TaskId, attempt: number, tail?: number): Promise<string> {
    return this.file({ task, attempt, file: 'output' }, 'output', tail);
  }

  /** What an agent was told, thought, said and did, as JSON lines. Throws as `file`. */
  transcript(task: TaskId, attempt: number, role: AgentRole): Promise<string> {
    return this.file({ task, attempt, file: role }, `transcript of a ${role}`);
  }

  /** Where the transcripts of this node hold a text. */
  search(search: TranscriptSearch): Promise<TranscriptSearchView> {
    return searchTranscripts(this.home, search);
  }

  /**
   * The end of a file that an attempt left, from the node that has it. Throws `not-found` when nobody has,
   * and as `MeshServices.attemptFile`.
   */
  private async file(file: AttemptFile, what: string, tail = Infinity): Promise<string> {
    const { task, attempt } = file;
    const { attempts } = findTask(this.ledger, task);
    const here = await readAttemptFile(this.home, file, tail);
    if (here) return here.toString('utf8');
    const nodes = attempts.filter(({ number }) => number === attempt).map(({ node }) => node);
    const there = await this.mesh.attemptFile(nodes, file);
    if (there) return there.subarray(Math.max(0, there.length - tail)).toString('utf8');
    throw new VigilError(
      'not-found',
      `attempt ${attempt} of ${task} has no ${what}`,
      `\`vigil explain ${task}\` lists its attempts.`,
    );
  }
}
